// The hospital's time, never the browser's. A moment travels as RFC 3339 in UTC and is shown in the zone of the hospital; a day is the
// text YYYY-MM-DD and is never turned into a moment.

/** docs/api.md: days and months are those of this calendar. */
export const ZONE = 'Asia/Shanghai';

const MINUTE_MS = 60_000;
const READER = new Intl.DateTimeFormat('en-US', { timeZone: ZONE, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' });
const two = (value: number) => String(value).padStart(2, '0');
const asText = (utc: Date) => `${utc.getUTCFullYear()}-${two(utc.getUTCMonth() + 1)}-${two(utc.getUTCDate())}`;

/** The hospital's calendar and clock at a moment, by the zone's name: no library computes with the browser's own zone on the way. */
function zoned(at: string | number): { day: string; clock: string } {
  const parts = Object.fromEntries(READER.formatToParts(typeof at === 'number' ? at : Date.parse(at)).map(({ type, value }) => [type, value]));
  return { day: `${parts.year}-${parts.month}-${parts.day}`, clock: `${parts.hour}:${parts.minute}` };
}

/** `2026-02-16T01:00:00Z` → `2026-02-16 09:00`; empty for nothing. */
export function moment(at: string | undefined): string {
  return at ? momentOf(Date.parse(at)) : '';
}

/** The same for a reading of the clock in milliseconds. */
export function momentOf(milliseconds: number): string {
  const shown = zoned(milliseconds);
  return `${shown.day} ${shown.clock}`;
}

/** `09:00` of the hospital's clock. */
export function clock(at: string | undefined): string {
  return at ? zoned(at).clock : '';
}

/** The hospital's day of a moment; today without one. */
export function day(at: string | number = Date.now()): string {
  return zoned(at).day;
}

export function month(at: string | number = Date.now()): string {
  return zoned(at).day.slice(0, 7);
}

/** A day before or after: pure calendar, no zone. */
export function addDays(of: string, count: number): string {
  const [year, ofMonth, ofDay] = of.split('-').map(Number);
  return asText(new Date(Date.UTC(year!, ofMonth! - 1, ofDay! + count)));
}

export function addMonths(of: string, count: number): string {
  const [year, ofMonth] = of.split('-').map(Number);
  return asText(new Date(Date.UTC(year!, ofMonth! - 1 + count, 1))).slice(0, 7);
}

/** Day and clock of the hospital as the moment that the interface takes. */
export function instant(ofDay: string, atClock: string): string {
  const wanted = Date.parse(`${ofDay}T${atClock}:00Z`);
  const offsetAt = (guess: number) => {
    const shown = zoned(guess);
    return Date.parse(`${shown.day}T${shown.clock}:00Z`) - guess;
  };
  const near = wanted - offsetAt(wanted);
  return new Date(wanted - offsetAt(near)).toISOString().replace('.000Z', 'Z');
}

/** What a person types for a day: `2026-11-29`, `20261129`, `1129`, `11-29`, `11月29日`; null when there is no such day. */
export function parseDay(typed: string, today = day()): string | null {
  const text = typed.normalize('NFKC').trim();
  const parts =
    /^(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?$/.exec(text)?.slice(1) ??
    /^(\d{1,2})[-/.月](\d{1,2})日?$/.exec(text)?.slice(1) ??
    /^(\d{2})(\d{2})$/.exec(text)?.slice(1);
  if (!parts) return null;
  const [year, ofMonth, ofDay] = parts.length === 3 ? parts : [today.slice(0, 4), ...parts];
  const found = `${year}-${ofMonth!.padStart(2, '0')}-${ofDay!.padStart(2, '0')}`;
  const parsed = Date.parse(`${found}T00:00:00Z`);
  return !Number.isNaN(parsed) && asText(new Date(parsed)) === found ? found : null;
}

/** Minutes from now to a moment; negative when it is over. */
export function minutesUntil(at: string, now = Date.now()): number {
  return Math.floor((Date.parse(at) - now) / MINUTE_MS);
}

/** Now, as the interface would say it. */
export function now(): string {
  return new Date().toISOString();
}
