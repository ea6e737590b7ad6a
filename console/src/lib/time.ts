// The hospital's time, never the browser's. A moment travels as RFC 3339 in UTC and is shown in the zone of the hospital; a day is the
// text YYYY-MM-DD and is never turned into a moment.
import dayjs from 'dayjs';
import timezone from 'dayjs/plugin/timezone';
import utc from 'dayjs/plugin/utc';

dayjs.extend(utc);
dayjs.extend(timezone);

/** docs/api.md: days and months are those of this calendar. */
export const ZONE = 'Asia/Shanghai';

const zoned = (at: string | number) => dayjs.utc(at).tz(ZONE);

/** `2026-02-16T01:00:00Z` → `2026-02-16 09:00`; empty for nothing. */
export function moment(at: string | undefined): string {
  return at ? zoned(at).format('YYYY-MM-DD HH:mm') : '';
}

/** `09:00` of the hospital's clock. */
export function clock(at: string | undefined): string {
  return at ? zoned(at).format('HH:mm') : '';
}

/** The hospital's day of a moment; today without one. */
export function day(at: string | number = Date.now()): string {
  return zoned(at).format('YYYY-MM-DD');
}

export function month(at: string | number = Date.now()): string {
  return zoned(at).format('YYYY-MM');
}

/** A day before or after: pure calendar, no zone. */
export function addDays(of: string, count: number): string {
  return dayjs.utc(`${of}T00:00:00Z`).add(count, 'day').format('YYYY-MM-DD');
}

export function addMonths(of: string, count: number): string {
  return dayjs.utc(`${of}-01T00:00:00Z`).add(count, 'month').format('YYYY-MM');
}

/** Day and clock of the hospital as the moment that the interface takes. */
export function instant(ofDay: string, atClock: string): string {
  return dayjs.tz(`${ofDay} ${atClock}`, 'YYYY-MM-DD HH:mm', ZONE).utc().format('YYYY-MM-DDTHH:mm:ss[Z]');
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
  return dayjs.utc(`${found}T00:00:00Z`).format('YYYY-MM-DD') === found ? found : null;
}

/** Minutes from now to a moment; negative when it is over. */
export function minutesUntil(at: string, now = Date.now()): number {
  return Math.floor((dayjs.utc(at).valueOf() - now) / 60_000);
}
