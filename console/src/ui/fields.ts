// What a form asks for. Each field is named as in the contract, so that an error of the server lands on it.
import { parseYuan, yuan } from '@/lib/money';
import { instant } from '@/lib/time';
import { t } from '@/texts/zh-CN';

export interface Option {
  value: string;
  label: string;
}

export interface Field {
  name: string;
  label: string;
  kind?: 'text' | 'textarea' | 'select' | 'multiselect' | 'day' | 'slot' | 'money' | 'switch' | 'password' | 'list' | 'number';
  required?: boolean;
  options?: Option[];
  /** A value that is none of the options may be typed. */
  open?: boolean;
  hint?: string;
  max?: number;
  /** Fewer characters say nothing. */
  min?: number;
  /** Ready words for a free text. */
  chips?: readonly string[];
  inputmode?: 'text' | 'tel' | 'numeric' | 'decimal';
  shown?: (values: Values) => boolean;
}

export type Values = Record<string, unknown>;

/** A slot is a day and a clock of the hospital. */
export interface Slot {
  day: string;
  clock: string;
}

export function emptyValue(field: Field): unknown {
  if (field.kind === 'switch') return false;
  if (field.kind === 'multiselect' || field.kind === 'list') return [];
  if (field.kind === 'slot') return { day: '', clock: '' };
  return '';
}

function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (value && typeof value === 'object') return Object.values(value).some((part) => part === '');
  return value === '' || value === undefined || value === null;
}

/** What is wrong before anything is sent, by field. */
export function check(fields: Field[], values: Values): Record<string, string> {
  const wrong: Record<string, string> = {};
  for (const field of fields) {
    const value = values[field.name];
    if (field.required && isEmpty(value)) wrong[field.name] = t.rules.required!;
    else if (field.min && String(value).trim().length < field.min) wrong[field.name] = t.rules.min_len!;
    else if (field.kind === 'money' && !isEmpty(value) && parseYuan(String(value)) === null) wrong[field.name] = t.rules.format!;
  }
  return wrong;
}

/** The body as the contract has it: amounts in fen, moments in UTC, and nothing where nothing was said. */
export function bodyOf(fields: Field[], values: Values): Values {
  const body: Values = {};
  for (const field of fields) {
    const value = values[field.name];
    if (isEmpty(value)) continue;
    if (field.kind === 'money') body[field.name] = parseYuan(String(value));
    else if (field.kind === 'slot') body[field.name] = instant((value as Slot).day, (value as Slot).clock);
    else if (field.kind === 'number') body[field.name] = Number(value);
    else body[field.name] = typeof value === 'string' ? value.trim() : value;
  }
  return body;
}

export function shownMoney(fenText: string | undefined): string {
  return fenText ? yuan(fenText).replace(/,/g, '') : '';
}
