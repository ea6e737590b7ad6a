// What a person reads is complete against the contract and the sources that it is made of.
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ACCESS, ENUMERATIONS, REASONS } from '@/api/generated/contract';
import { routes } from '@/router-table';
import { enumText, t } from '@/texts/zh-CN';
import type { EnumName } from '@/texts/contract';

const ROOT = join(import.meta.dirname, '../../..');
const HAN = /\p{Script=Han}/u;

function files(folder: string, suffix: RegExp): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? files(path, suffix) : suffix.test(name) ? [path] : [];
  });
}

describe('texts', () => {
  it('every enumerator of the contract has a word', () => {
    const without = Object.entries(ENUMERATIONS).flatMap(([name, values]) => {
      const labels: Record<string, string> | undefined = (t.enums as Record<string, Record<string, string>>)[name];
      return values.filter((value) => labels?.[value] === undefined).map((value) => `${name}.${value}`);
    });
    expect(without).toEqual([]);
  });

  it('one that is not known yet is "something else"', () => {
    expect(enumText('renxin.leads.v1.LeadState', 'LEAD_STATE_OF_TOMORROW')).toBe(t.common.unknown);
  });

  it('every reason says what happened and what to do', () => {
    for (const reason of REASONS) {
      expect(t.reasons[reason].title, reason).toMatch(HAN);
      expect(t.reasons[reason].advice, reason).toMatch(HAN);
    }
    expect(Object.keys(t.reasons).sort()).toEqual([...REASONS, 'unreachable'].sort());
  });

  it('every rule that a service names has words', () => {
    const named = new Set<string>();
    for (const path of [...files(join(ROOT, 'services'), /(?<!_test)\.cc$/), ...files(join(ROOT, 'shared'), /(?<!_test)\.cc$/)]) {
      const text = readFileSync(path, 'utf-8');
      for (const found of text.matchAll(/(?:InvalidField|RuleBroken)\([^,;]+,\s*"([\w-]+)"/g)) named.add(found[1]!);
      for (const found of text.matchAll(/(?:push_back|Add)\(\{?[^;"]*(?:"[^"]*")?[^;"]*,\s*"([A-Z]\d{1,2})",/g)) named.add(found[1]!);
      for (const found of text.matchAll(/\.rule = "([\w-]+)"/g)) named.add(found[1]!);
    }
    expect(named.size).toBeGreaterThan(25);
    expect([...named].filter((rule) => !(rule in t.rules))).toEqual([]);
  });

  it('every role has a name', () => {
    const roles = new Set(Object.values(ACCESS).flat().filter((role) => role !== '*'));
    expect([...roles].filter((role) => !(role in t.roles))).toEqual([]);
  });

  it('no words stand outside the texts', () => {
    const found = files(join(ROOT, 'console/src'), /\.(?:ts|vue)$/)
      .filter((path) => !path.includes('/texts/') && !path.includes('/generated/'))
      .flatMap((path) => readFileSync(path, 'utf-8').split('\n').filter((line) => HAN.test(line.replace(/\/\/.*|\*.*|parse|万|元|年|月|日/g, ''))).map((line) => `${path}: ${line.trim().slice(0, 60)}`));
    expect(found).toEqual([]);
  });

  it('no English sentence is shown: what the texts say is Chinese', () => {
    const words: string[] = [];
    const walk = (value: unknown) => {
      if (typeof value === 'string') words.push(value);
      else if (value && typeof value === 'object') Object.values(value).forEach(walk);
    };
    walk({ ...t, enums: {} });
    expect(words.filter((text) => /[a-z]{3,} [a-z]{3,}/i.test(text))).toEqual([]);
  });

  it('a label for an enumeration is asked by its name', () => {
    const names = Object.keys(t.enums) as EnumName[];
    for (const name of names) expect(Object.keys(t.enums[name]).length, name).toBeGreaterThan(1);
  });
});

describe('screens', () => {
  it('every screen needs a route that the contract has', () => {
    for (const route of routes) if (route.meta?.needs) expect(Object.keys(ACCESS)).toContain(route.meta.needs);
  });
});

describe('sources', () => {
  const all = files(join(ROOT, 'console/src'), /\.(?:ts|vue)$/).filter((path) => !path.includes('/generated/'));

  it.each([
    ['a moment is made in one module', /\bnew Date\(|Date\.parse|Date\.UTC/, /lib\/time\.ts$/],
    ['dates are computed in one module', /\bdayjs\b/, /lib\/time\.ts$/],
    ['no amount becomes a floating-point number', /parseFloat|Number\([^)]*fen/, /^$/],
    ['nothing is put into the page as markup', /v-html|innerHTML|insertAdjacentHTML|outerHTML/, /^$/],
    ['no style stands in the markup', /\sstyle="/, /^$/],
    ['tokens are never stored', /(?:local|session)Storage\.setItem\([^)]*[tT]oken/, /^$/],
  ])('%s', (_what, pattern, allowed) => {
    expect(all.filter((path) => !allowed.test(path) && pattern.test(readFileSync(path, 'utf-8')))).toEqual([]);
  });

  it('files are short', () => {
    expect(all.filter((path) => readFileSync(path, 'utf-8').split('\n').length > 500)).toEqual([]);
  });
});
