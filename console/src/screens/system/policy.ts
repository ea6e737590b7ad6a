// Policies are shown by one page for all services: each value by its kind, its name in words.
import { parseYuan, yuan } from '@/lib/money';
import { codeText, enumOptions, enumText, t } from '@/texts/zh-CN';
import { shownMoney, type Field, type Values } from '@/ui/fields';

const clock = (minute: number) => `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;

const pointReasons: Record<string, string> = t.pointReasons;
/** A reason of the points policy: the same code may be a department elsewhere. */
export const pointReason = (code: string) => pointReasons[code] ?? code;

/** The value of a policy's field as text; lists and records within it by their own. */
export function shownValue(name: string, value: unknown): string {
  if (value === null || value === undefined || value === '') return t.policies.empty;
  if (typeof value === 'boolean') return value ? t.bool.yes : t.bool.no;
  if (Array.isArray(value) && /^re\w+_reasons$/.test(name)) return value.map((one) => pointReason(String(one))).join('，') || t.policies.empty;
  if (Array.isArray(value)) return value.length ? value.map((one) => (typeof one === 'object' ? Object.entries(one as object).map(([key, inner]) => shownValue(key, inner)).join(' ') : codeText(String(one)))).join('，') : t.policies.empty;
  const text = String(value);
  if (name.endsWith('_fen')) return yuan(text);
  if (name.endsWith('_minute')) return clock(Number(text));
  if (text.startsWith('MEMBER_CLASS_')) return enumText('renxin.membership.v1.MemberClass', text);
  if (text.startsWith('SATISFACTION_')) return enumText('renxin.membership.v1.Satisfaction', text);
  return codeText(text);
}

export function policyLabel(name: string): string {
  return (t.policyFields as Record<string, string>)[name] ?? name;
}

const isRecordList = (value: unknown) => Array.isArray(value) && value.some((one) => typeof one === 'object');

/** A form for any policy, made of the version in force: what is a list of records is carried on as it stands. */
export function policyForm(policy: Record<string, unknown>): { fields: Field[]; initial: Values } {
  const fields: Field[] = [];
  const initial: Values = {};
  for (const [name, value] of Object.entries(policy)) {
    if (isRecordList(value)) continue;
    const label = policyLabel(name);
    if (typeof value === 'boolean') fields.push({ name, label, kind: 'switch' });
    else if (Array.isArray(value)) fields.push({ name, label, kind: 'list', options: value.map((one) => ({ value: String(one), label: /^re\w+_reasons$/.test(name) ? pointReason(String(one)) : codeText(String(one)) })) });
    else if (String(value).startsWith('SATISFACTION_')) fields.push({ name, label, kind: 'select', options: enumOptions('renxin.membership.v1.Satisfaction') });
    else if (name === 'unknown_becomes') fields.push({ name, label, kind: 'select', options: Object.entries(t.values.unknownBecomes).map(([one, words]) => ({ value: one, label: words })) });
    else if (name.endsWith('_fen')) fields.push({ name, label, kind: 'money' });
    else fields.push({ name, label, ...(typeof value === 'number' ? { kind: 'number' as const } : {}), ...(name.endsWith('_minute') ? { hint: t.policies.minutes } : {}), max: 200 });
    initial[name] = name.endsWith('_fen') ? shownMoney(String(value)) : typeof value === 'number' ? String(value) : value;
  }
  const at: Field[] = [
    { name: 'reason', label: t.fields.reason, required: true, max: 200 },
    { name: 'effective_from', label: t.fields.effectiveFrom, kind: 'day', required: true },
  ];
  return { fields: [...at, ...fields], initial };
}

/** The next version: what the form has, on top of what it leaves alone. A value that was emptied is said as empty. */
export function nextPolicy(current: Record<string, unknown>, fields: Field[], body: Values): { policy: Record<string, unknown>; effective_from: string; reason: string } {
  const policy: Record<string, unknown> = { ...current };
  for (const field of fields) {
    if (!(field.name in current)) continue;
    if (field.name in body) policy[field.name] = body[field.name];
    else policy[field.name] = field.kind === 'list' ? [] : field.kind === 'switch' ? false : field.kind === 'number' ? 0 : field.kind === 'money' ? parseYuan('0') : '';
  }
  return { policy, effective_from: String(body.effective_from), reason: String(body.reason) };
}
