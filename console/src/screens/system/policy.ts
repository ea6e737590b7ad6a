// Policies are shown by one page for all services: each value by its kind, its name in words.
import { yuan } from '@/lib/money';
import { codeText, enumText, t } from '@/texts/zh-CN';

const clock = (minute: number) => `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;

/** The value of a policy's field as text; lists and records within it by their own. */
export function shownValue(name: string, value: unknown): string {
  if (value === null || value === undefined || value === '') return t.policies.empty;
  if (typeof value === 'boolean') return value ? t.bool.yes : t.bool.no;
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
