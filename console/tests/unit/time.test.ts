import { describe, expect, it } from 'vitest';
import { addDays, addMonths, clock, day, instant, minutesUntil, moment, month, parseDay } from '@/lib/time';

// Wherever the browser stands: the zone of this process is set by the configuration, far from the hospital's.
describe('the hospital\'s time', () => {
  it('the test runs in another zone', () => expect(new Date('2026-01-01T00:00:00Z').getTimezoneOffset()).not.toBe(-480));

  it.each([
    ['2026-02-16T01:00:00Z', '2026-02-16 09:00'],
    ['2026-02-16T16:00:00Z', '2026-02-17 00:00'],
    ['2026-12-31T15:59:59.999Z', '2026-12-31 23:59'],
    ['2026-07-01T12:30:00Z', '2026-07-01 20:30'],
  ])('%s is shown as %s', (at, shown) => expect(moment(at)).toBe(shown));

  it('nothing is shown for nothing', () => expect(moment('') + moment(undefined)).toBe(''));

  it('the day begins at its midnight', () => {
    expect(day('2026-11-29T15:59:59Z')).toBe('2026-11-29');
    expect(day('2026-11-29T16:00:00Z')).toBe('2026-11-30');
    expect(month('2026-11-30T16:00:00Z')).toBe('2026-12');
    expect(clock('2026-11-29T16:05:00Z')).toBe('00:05');
  });

  it.each([
    ['2026-11-30', '09:30', '2026-11-30T01:30:00Z'],
    ['2026-11-30', '00:00', '2026-11-29T16:00:00Z'],
    ['2026-03-08', '02:30', '2026-03-07T18:30:00Z'],
    ['2026-11-01', '01:30', '2026-10-31T17:30:00Z'],
  ])('%s %s of the hospital is %s, also where the browser changes its clocks', (of, at, sent) => {
    expect(instant(of, at)).toBe(sent);
    expect(moment(sent)).toBe(`${of} ${at}`);
  });

  it('days and months are counted by the calendar', () => {
    expect(addDays('2026-03-07', 1)).toBe('2026-03-08');
    expect(addDays('2026-03-01', -1)).toBe('2026-02-28');
    expect(addDays('2028-02-28', 1)).toBe('2028-02-29');
    expect(addMonths('2026-01', -1)).toBe('2025-12');
    expect(addMonths('2026-12', 1)).toBe('2027-01');
  });

  it.each([
    ['2026-11-29', '2026-11-29'],
    ['20261129', '2026-11-29'],
    ['2026/1/9', '2026-01-09'],
    ['1129', '2026-11-29'],
    ['11-29', '2026-11-29'],
    ['11月29日', '2026-11-29'],
    ['２０２６１１２９', '2026-11-29'],
  ])('%s is typed for %s', (typed, found) => expect(parseDay(typed, '2026-05-01')).toBe(found));

  it.each(['', '2026-02-29', '1332', '20261301', 'tomorrow', '112'])('%s is no day', (typed) => expect(parseDay(typed, '2026-05-01')).toBeNull());

  it('what is left of a deadline', () => expect(minutesUntil('2026-11-30T01:30:00Z', Date.UTC(2026, 10, 30, 1, 25, 30))).toBe(4));
});
