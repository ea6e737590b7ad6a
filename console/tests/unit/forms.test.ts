import { describe, expect, it } from 'vitest';
import { Problem, ruleText } from '@/api/problem';
import { urlOf } from '@/api/client';
import { Attempt } from '@/lib/attempt';
import { draftAt } from '@/lib/draft';
import { Sequence } from '@/lib/keys';
import { readQuery, writeQuery } from '@/lib/query-state';
import { bodyOf, check, type Field } from '@/ui/fields';
import { t } from '@/texts/zh-CN';

const FIELDS: Field[] = [
  { name: 'name', label: 'a', required: true },
  { name: 'amount_fen', label: 'b', kind: 'money' },
  { name: 'slot_start', label: 'c', kind: 'slot', required: true },
  { name: 'reason', label: 'd', min: 4, chips: ['回电客户'] },
  { name: 'note', label: 'e' },
];
const VALUES = { name: ' 王芳 ', amount_fen: '1.2万', slot_start: { day: '2026-11-30', clock: '09:30' }, reason: '核对身份', note: '' };

describe('a form', () => {
  it('says amounts in fen and moments in UTC, and nothing where nothing was said', () => {
    expect(bodyOf(FIELDS, VALUES)).toEqual({ name: '王芳', amount_fen: '1200000', slot_start: '2026-11-30T01:30:00Z', reason: '核对身份' });
  });

  it('finds what is missing or no amount before anything is sent', () => {
    expect(check(FIELDS, VALUES)).toEqual({});
    expect(check(FIELDS, { ...VALUES, name: '', amount_fen: 'x', slot_start: { day: '2026-11-30', clock: '' }, reason: '看' })).toEqual({ name: t.rules.required, amount_fen: t.rules.format, slot_start: t.rules.required, reason: t.rules.min_len });
  });

  it('offers no ready word that would be refused', () => {
    for (const chip of t.reveal.chips) expect(check([{ name: 'reason', label: 'd', min: 4 }], { reason: chip })).toEqual({});
  });
});

describe('an attempt', () => {
  it('keeps its key while the body is the same, and only then', () => {
    let made = 0;
    const attempt = new Attempt(() => `key-${(made += 1)}`);
    expect(attempt.keyFor({ a: 1 })).toBe('key-1');
    expect(attempt.keyFor({ a: 1 })).toBe('key-1');
    expect(attempt.keyFor({ a: 2 })).toBe('key-2');
    attempt.renew();
    expect(attempt.keyFor({ a: 2 })).toBe('key-3');
  });
});

describe('keys', () => {
  it('a single key is one also right after the page was opened', () => expect(new Sequence().name('n', 40)).toBe('n'));
  it('what follows a G soon belongs to it, and nothing after that', () => {
    const sequence = new Sequence();
    expect([sequence.name('G', 5000), sequence.name('L', 5400), sequence.name('l', 5500), sequence.name('g', 9000), sequence.name('l', 10_201)]).toEqual([null, 'g l', 'l', null, 'l']);
  });
});

describe('a draft', () => {
  it('belongs to an account and a place, and is forgotten when it is sent', () => {
    const stored = new Map<string, string>();
    const storage = { getItem: (name: string) => stored.get(name) ?? null, setItem: (name: string, value: string) => void stored.set(name, value), removeItem: (name: string) => void stored.delete(name) };
    draftAt('me', '/leads.new', storage).write({ name: '王芳' });
    expect(draftAt('me', '/leads.new', storage).read()).toEqual({ name: '王芳' });
    expect(draftAt('another', '/leads.new', storage).read()).toBeNull();
    expect(draftAt('me', '/visits.new', storage).read()).toBeNull();
    draftAt('me', '/leads.new', storage).clear();
    expect(draftAt('me', '/leads.new', storage).read()).toBeNull();
    stored.set('renxin.draft.me.x', 'no json');
    expect(draftAt('me', 'x', storage).read()).toBeNull();
  });
});

describe('the URL of a list', () => {
  const defaults = { state: '', day_from: '2026-11-30' };
  it('has what differs from the defaults, and leaves the rest alone', () => {
    expect(writeQuery({ open: '7', state: 'A' }, defaults, { state: 'B', day_from: '2026-11-30' })).toEqual({ open: '7', state: 'B' });
    expect(writeQuery({ state: 'A' }, defaults, defaults)).toEqual({});
    expect(readQuery({ state: 'B', open: '7' }, defaults)).toEqual({ state: 'B', day_from: '2026-11-30' });
  });

  it('an emptied default stands there as empty', () => {
    const query = writeQuery({}, defaults, { state: '', day_from: '' });
    expect(query).toEqual({ day_from: '' });
    expect(readQuery(query, defaults)).toEqual({ state: '', day_from: '' });
  });

  it('of a request has its fields encoded', () => {
    expect(urlOf('/v1/statements/{period}/{payee}', { period: '2026-10', payee: 'a/b' }, { page_size: 5, state: '' })).toBe('/v1/statements/2026-10/a%2Fb?page_size=5');
  });
});

describe('a refusal', () => {
  it('is read from problem details, with the seconds to wait', async () => {
    const body = { type: '', title: 'Others hold', status: 503, detail: '', instance: '', code: 'UNAVAILABLE', reason: 'busy', errors: [], trace_id: 'abc' };
    const problem = await Problem.from(new Response(JSON.stringify(body), { status: 503, headers: { 'Retry-After': '2' } }));
    expect([problem.title, problem.retryAfterSeconds, problem.repeatable, problem.traceId]).toEqual([t.reasons.busy.title, 2, true, 'abc']);
  });

  it('that is no problem document, or of a reason that is not known, is taken by its status', async () => {
    const strange = await Problem.from(new Response('<html>', { status: 502, headers: { 'Trace-Id': 'def' } }));
    expect([strange.title, strange.traceId]).toEqual([t.reasons.internal.title, 'def']);
    expect(new Problem(409, 'of-tomorrow', [], '', 0).title).toBe(t.problem.byStatus(409));
    expect(ruleText({ field: 'x', rule: 'Z9', message: 'English' })).toBe(t.problem.unknownRule('Z9'));
    expect(Problem.unreachable().repeatable).toBe(true);
  });
});
