import { describe, expect, it } from 'vitest';
import { addsUp, traceOf } from '@/screens/market/statement';
import { blockerOf } from '@/screens/money/lock';
import { matches } from '@/screens/front/people';
import { whyText } from '@/screens/service/why';
import { decode, kindOf, readCsv } from '@/screens/system/imports';
import { nextPolicy, policyForm, shownValue } from '@/screens/system/policy';
import { t } from '@/texts/zh-CN';

const LINE = { base_fen: '10210000', own_fen: '10210000', carried_in_fen: '0', parts: [{ from_fen: '0', amount_fen: '10210000', rate_bp: 800 }], amount_fen: '816800', corrects_period: '', was_fen: '0', should_be_fen: '0', explanation: 'C7: English' };

describe('a statement', () => {
  const total = (amount: string, commission: string) => ({ lines: [LINE, { ...LINE, amount_fen: '-800' }], totals: [{ rule: 'C7', amount_fen: amount }], commission_fen: commission }) as Parameters<typeof addsUp>[0];
  it('adds up by line and by rule, or the page says so', () => {
    expect(addsUp(total('816000', '816000'))).toBe(true);
    expect(addsUp(total('816000', '816001'))).toBe(false);
    expect(addsUp(total('816001', '816000'))).toBe(false);
  });

  it('says how a line was computed without the service\'s English', () => {
    expect(traceOf(LINE)).toBe('计奖基数 102,100.00；102,100.00 × 8 % = 8,168.00，合计后四舍五入一次（规则 G2）');
    expect(traceOf({ ...LINE, carried_in_fen: '-10000', own_fen: '10220000' })).toContain('上期结转 -100.00');
    expect(traceOf({ ...LINE, parts: [], base_fen: '-5' })).toContain('C1');
    expect(traceOf({ ...LINE, corrects_period: '2026-09', was_fen: '100', should_be_fen: '250', explanation: 'C13: …; changed since: T-17, T-18' })).toBe('2026-09 锁定时为 1.00，应为 2.50，差额计入本期（规则 C13）；涉及：T-17, T-18');
  });
});

describe('why', () => {
  it.each([
    ['M3: 3 of 3 factors are met', '3 个因素中满足 3 个（M3）'],
    ['M3: a dispute is open', '有未结束的纠纷（M3）'],
    ['M3: was refunded in a dispute', '曾因纠纷退费或赔偿（M3）'],
    ['net spend 29600.00 of 28000.00', '净消费 29,600.00 元，标准 28,000.00 元'],
    ['net spend -12.50 of 28000.00', '净消费 -12.50 元，标准 28,000.00 元'],
    ['a skin package and 2 sale settlements', '购买过皮肤套餐，且有 2 次消费结算'],
    ['sale settlements on 1 day, longest skin course of 0 sessions', '在 1 天有消费结算，最长皮肤疗程 0 次'],
    ['N3: of tomorrow', '见规则 N3'],
    ['something else', t.whyMember.other],
  ])('%s', (said, shown) => expect(whyText(said)).toBe(shown));
});

describe('an import file', () => {
  it('is known by its name', () => {
    expect([kindOf('settlements.csv'), kindOf('C:\\x\\Leads-2026.CSV'), kindOf('other.csv')]).toEqual(['settlements', 'leads', '']);
  });

  it('is read in either encoding', () => {
    expect(decode(new TextEncoder().encode('姓名')).encoding).toBe('UTF-8');
    expect(decode(new Uint8Array([0xd0, 0xd5, 0xc3, 0xfb]))).toEqual({ text: '姓名', encoding: 'GB18030' });
  });

  it('a character cut at the end of the sample is no reason to take it for another encoding', () => {
    expect(decode(new TextEncoder().encode('姓名').slice(0, 5))).toEqual({ text: '姓', encoding: 'UTF-8' });
  });

  it('has quoted cells, blank lines and every kind of line end', () => {
    expect(readCsv('a,b\r\n"x, ""y""\nz",2\r\r3,4\n', 9)).toEqual([['a', 'b'], ['x, "y"\nz', '2'], ['3', '4']]);
    expect(readCsv('a\nb\nc\n', 2)).toEqual([['a'], ['b']]);
  });
});

describe('policies', () => {
  const policy = { channels: ['phone', 'x'], net_spend_fen: '2800000', noninvasive_stands_alone: false, settlements: 2, greetings: [{ member_class: 'MEMBER_CLASS_A' }], signature: '仁心' };
  it('a form has every value but lists of records, and the next version has all of them', () => {
    const { fields, initial } = policyForm(policy);
    expect(fields.map((field) => field.name)).toEqual(['reason', 'effective_from', 'channels', 'net_spend_fen', 'noninvasive_stands_alone', 'settlements', 'signature']);
    expect(initial.net_spend_fen).toBe('28000.00');
    const next = nextPolicy(policy, fields, { effective_from: '2026-12-01', reason: 'r', channels: ['phone'], net_spend_fen: '100', noninvasive_stands_alone: true, settlements: 3 });
    expect(next).toEqual({ policy: { ...policy, channels: ['phone'], net_spend_fen: '100', noninvasive_stands_alone: true, settlements: 3, signature: '' }, effective_from: '2026-12-01', reason: 'r' });
  });

  it('values are shown in words', () => {
    expect([shownValue('net_spend_fen', '2800000'), shownValue('birthday_minute', 540), shownValue('x', true), shownValue('x', []), shownValue('y', ['phone'])]).toEqual(['28,000.00', '09:00', '是', '未设置', '电话']);
  });
});

describe('the desk', () => {
  const person = { customerId: '1', name: '王*', phone: '138****8000' };
  it.each([
    ['', true],
    ['8000', true],
    ['8001', false],
    ['王', true],
    ['王芳', true],
    ['李', false],
    ['口腔', true],
  ])('typing %s finds the appointment: %s', (typed, found) => expect(matches(person, '口腔', typed)).toBe(found));
  it('an appointment whose person is not read yet is found by its department alone', () => expect([matches(undefined, '口腔', '口'), matches(undefined, '口腔', '王')]).toEqual([true, false]));
});

describe('a lock that is refused', () => {
  it.each([
    [{ field: 'leads', rule: 'C13', message: '' }, '/services'],
    [{ field: 'period', rule: 'C13', message: '' }, '/periods'],
    [{ field: '2026-10-07', rule: 'C13', message: '' }, '/settlements'],
  ])('%s is said in words and leads somewhere', (error, to) => {
    const blocker = blockerOf(error);
    expect(blocker.text).toMatch(/\p{Script=Han}/u);
    expect(blocker.to).toBe(to);
  });
});
