import { describe, expect, it } from 'vitest';
import { fen, parseYuan, percent, sum, yuan } from '@/lib/money';

describe('amounts', () => {
  it.each([
    ['0', '0.00'],
    ['5', '0.05'],
    ['-5', '-0.05'],
    ['123450', '1,234.50'],
    ['-10000000', '-100,000.00'],
    ['9223372036854775807', '92,233,720,368,547,758.07'],
    ['', '0.00'],
  ])('%s fen are shown as %s', (text, shown) => expect(yuan(text)).toBe(shown));

  it('beyond what a floating-point number holds nothing is lost', () => {
    expect(yuan('9007199254740993')).toBe('90,071,992,547,409.93');
    expect(sum(['9007199254740993', '1'])).toBe(9007199254740994n);
  });

  it.each([
    ['12', '1200'],
    ['12.5', '1250'],
    ['1,234.50', '123450'],
    ['￥88', '8800'],
    ['８８.０１', '8801'],
    ['1.2万', '1200000'],
    ['0.000001万', '1'],
    ['-3', '-300'],
    ['12.', '1200'],
    ['-0', '0'],
    ['12.500', '1250'],
  ])('%s is typed for %s fen', (typed, value) => expect(parseYuan(typed)).toBe(value));

  it.each(['', '1.234', '12.001', 'abc', '1.2.3', '--1', '1e5', '99999999999999999999', '0.0000001万'])('%s is no amount', (typed) => expect(parseYuan(typed)).toBeNull());

  it('what is shown can be typed again', () => {
    for (const text of ['0', '1', '99', '100', '123456789', '-4250']) expect(parseYuan(yuan(text))).toBe(text);
  });

  it('text that is no amount is refused', () => expect(() => fen('12.5')).toThrow(RangeError));

  it.each([
    [800, '8 %'],
    [1250, '12.5 %'],
    [5, '0.05 %'],
    [10000, '100 %'],
  ])('%s basis points are %s', (points, shown) => expect(percent(points)).toBe(shown));
});
