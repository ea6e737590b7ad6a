// What the API servers and operators would say, as far as their schemas say it. Runs on Node 18 and later.
//   node validate.mjs MODULES parse  < JSON       a list of YAML texts → a list of documents for each
//   node validate.mjs MODULES schema < JSON       [[index, message]]: kinds, types, required fields, formats
//   node validate.mjs MODULES types  < JSON       [[index, message]]: unknown fields and wrong literals, by the TypeScript compiler
import {createRequire} from 'node:module';
import fs from 'node:fs';
import path from 'node:path';
import {fileURLToPath, pathToFileURL} from 'node:url';

const [modules, command] = process.argv.slice(2);
const here = path.dirname(fileURLToPath(import.meta.url));
const load = createRequire(path.join(modules, 'any.js'));

const CORE = new Set(['v1', 'apps/v1', 'batch/v1', 'policy/v1', 'autoscaling/v2', 'networking.k8s.io/v1']);
const CUSTOM = {
  'cert-manager.io': 'cert-manager',
  'external-secrets.io': 'external-secrets',
  'gateway.networking.k8s.io': 'gateway-api',
  'keda.sh': 'keda',
  'monitoring.coreos.com': 'prometheus-operator',
};
const OWN = path.join(here, 'operators.d.ts');      // kinds that no package has

// The file, without its ending, that has the type (and but for ours the class) of a document; null where nobody has.
function model(document) {
  const {apiVersion = '', kind = ''} = document;
  const custom = CUSTOM[apiVersion.split('/')[0]];
  const folder = CORE.has(apiVersion) ? 'kubernetes-models' : custom && path.join('@kubernetes-models', custom);
  if (folder) {
    const file = path.join(modules, 'node_modules', folder, apiVersion, kind);
    return fs.existsSync(`${file}.d.ts`) ? {file, own: false} : null;
  }
  const own = fs.readFileSync(OWN, 'utf8').includes(`apiVersion: '${apiVersion}';\n  kind: '${kind}';`);
  return own ? {file: OWN.replace(/\.d\.ts$/, ''), own: true} : null;
}

async function schema(documents) {
  const found = [];
  for (const [index, document] of documents.entries()) {
    const known = model(document);
    if (!known) {
      found.push([index, `no schema of ${document.apiVersion} ${document.kind}`]);
    } else if (!known.own) {
      const classes = await import(pathToFileURL(`${known.file}.js`));
      try {
        new classes[document.kind](document).validate();
      } catch (error) {
        found.push([index, error.message]);
      }
    }
  }
  return found;
}

// One constant a document, each on one line: the line of a message is the number of the document.
function types(documents) {
  const ts = load('typescript');
  const imports = new Map();
  const lines = documents.map((document, index) => {
    const known = model(document);
    if (!known) return '';
    const name = `I${document.kind}`;
    const alias = `${name}_${document.apiVersion.replace(/\W/g, '_')}`;
    imports.set(alias, `import type {${name} as ${alias}} from ${JSON.stringify(known.file)};`);
    return `export const d${index}: ${alias} = ${JSON.stringify(document)};`;
  });
  const main = path.join(modules, 'documents.ts');
  const source = [[...imports.values()].join(' '), ...lines].join('\n');
  const options = {noEmit: true, strict: true, skipLibCheck: true, module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022,
    moduleResolution: ts.ModuleResolutionKind.Bundler, types: []};
  const host = ts.createCompilerHost(options);
  const {fileExists, readFile, getSourceFile} = host;
  host.fileExists = name => name === main || fileExists(name);
  host.readFile = name => name === main ? source : readFile(name);
  host.getSourceFile = (name, ...rest) => name === main ? ts.createSourceFile(name, source, rest[0]) : getSourceFile(name, ...rest);
  const program = ts.createProgram([main], options, host);
  return ts.getPreEmitDiagnostics(program).map(each => {
    const line = each.file && each.file.fileName === main ? each.file.getLineAndCharacterOfPosition(each.start).line : 0;
    const at = line ? lines[line - 1].slice(0, each.start - each.file.getPositionOfLineAndCharacter(line, 0)).match(/"(\w+)":[^"]*$/) : null;
    return [line - 1, (at ? `${at[1]}: ` : '') + ts.flattenDiagnosticMessageText(each.messageText, ' ')];
  });
}

const input = fs.readFileSync(0, 'utf8');
if (command === 'parse') {
  const yaml = load('yaml');
  const parsed = JSON.parse(input).map(text => yaml.parseAllDocuments(text, {version: '1.1'}).map(document => {
    if (document.errors.length) throw document.errors[0];
    return document.toJS();
  }).filter(document => document !== null));
  console.log(JSON.stringify(parsed));
} else if (command === 'schema') {
  console.log(JSON.stringify(await schema(JSON.parse(input))));
} else if (command === 'types') {
  console.log(JSON.stringify(types(JSON.parse(input))));
} else {
  throw new Error('parse, schema or types');
}
