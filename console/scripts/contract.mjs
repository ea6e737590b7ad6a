// Tables of the contract that types cannot hold: who may call a route, and what values an enumeration has.
//   node contract.mjs openapi.json contract.ts
import { readFileSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';

const [, , from, to] = process.argv;
const bytes = readFileSync(from);
const document = JSON.parse(bytes);

const access = {};
const seesAll = {};
for (const [path, methods] of Object.entries(document.paths)) {
  for (const [method, operation] of Object.entries(methods)) {
    access[`${method.toUpperCase()} ${path}`] = operation['x-roles'] ?? ['*'];
    if (operation['x-sees-all']) seesAll[`${method.toUpperCase()} ${path}`] = operation['x-sees-all'];
  }
}
const enumerations = {};
for (const [name, schema] of Object.entries(document.components.schemas)) {
  if (schema.enum) enumerations[name] = schema.enum;
}
const reasons = document.components.schemas.Problem.properties.reason.enum;
const digest = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
const text = (value) => JSON.stringify(value, null, 1);
writeFileSync(to, `// Generated from docs/generated/openapi.json by console/scripts/contract.mjs.
export const ACCESS = ${text(access)} as const;
export const SEES_ALL: Record<string, readonly string[]> = ${text(seesAll)};
export const ENUMERATIONS = ${text(enumerations)} as const;
export const REASONS = ${text(reasons)} as const;
export const CONTRACT_DIGEST = '${digest}';
`);
