// Rep, finance, customer service, administrator: what each does most, on the demonstration's hospital.
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { addMonths, month } from '@/lib/time';
import { as, choose, PHONE } from './browser';
import { account, admin, administratorPassword, code, demo, eventually, importFile, newLead, phone, today } from './suite';

const LAST = addMonths(month(), -1);
/** Clicks once more; whether something stands in the way still. */
async function blocked(page: Page, lock: Locator): Promise<boolean> {
  if (await page.getByText('锁定进度').isVisible()) return false;
  await lock.click();
  await page.waitForFunction(() => !document.querySelector('.el-dialog .is-loading'));
  return !(await page.getByText('锁定进度').isVisible());
}

const digits = (text: string) => BigInt(text.replace(/[^\d-]/g, ''));

it('a rep reads their statement on a phone: three taps to the first settlement, and every sum is added up again', async () => {
  const rep = await demo('rep');
  const statement = await rep.api.get(`/v1/statements/${LAST}/${rep.staffId}`);
  await as(
    rep,
    '/',
    async (page) => {
      await page.locator(`a[href$="/statements/${LAST}/${rep.staffId}"]`).click();
      await page.getByText('明细相加与合计一致').waitFor();
      const lines = await page.locator('.rx-line-amount').allTextContents();
      expect(lines.reduce((sum, text) => sum + digits(text), 0n)).toBe(BigInt(statement.commission_fen));
      const sources = page.getByRole('list', { name: '业绩来源' }).locator('[data-row]');
      await expect.poll(() => sources.count()).toBe(Number(statement.source_count));
      const shown = (await page.locator('.rx-totals').last().textContent())!;
      expect(digits(shown)).toBe(BigInt(statement.performance_fen));
      await page.getByText('为什么：计算过程').first().click();
      expect(await page.locator('.rx-trace').first().textContent()).toMatch(/计奖基数 [\d,.]+；.*规则 G2/);
      expect(await page.locator('main').textContent()).not.toMatch(/[a-z]{4,} [a-z]{3,}/);
    },
    { viewport: PHONE },
  );
});

it('a statement prints on A4 with every line, its hash, and who printed it', async () => {
  const rep = await demo('rep');
  await as(rep, `/statements/${LAST}/${rep.staffId}`, async (page) => {
    await page.getByText('明细相加与合计一致').waitFor();
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('.rx-nav, .rx-top').evaluateAll((parts) => parts.map((part) => getComputedStyle(part).display))).not.toContain('flex');
    await expect.poll(() => page.locator('.rx-print-only').isVisible()).toBe(true);
    expect(await page.locator('.rx-print-only').textContent()).toContain(`打印：${rep.username}`);
    expect((await page.pdf({ format: 'A4' })).length).toBeGreaterThan(10_000);
  });
});

it('a month that something keeps from being locked says what; when that is done, it locks by a typed word alone', async () => {
  const finance = await demo('finance');
  const operator = await account('operations');
  const source = code('till');
  // A row that waits for a customer whom nobody has brought.
  const columns = readFileSync(join(process.env.RENXIN_DEMO_FOLDER!, 'import/visits.csv'), 'utf-8').split('\n')[0]!.trim().split(',');
  const waiting = { visit_no: 'V-1', customer_no: 'nobody', department: 'dental', arrived_at: `${LAST}-02T10:00:00+08:00` } as Record<string, string>;
  await importFile(operator, 'visits', source, [columns.join(','), columns.map((column) => waiting[column] ?? '').join(',')].join('\n'));
  await as(
    finance,
    '/periods',
    async (page) => {
      const row = page.getByRole('row', { name: new RegExp(LAST) });
      await row.getByRole('button', { name: '锁定账期' }).click();
      const dialog = page.getByRole('dialog', { name: `锁定账期 ${LAST}` });
      const lock = dialog.getByRole('button', { name: '锁定账期' });
      expect(await lock.isDisabled()).toBe(true);
      await dialog.getByLabel(`请输入 ${LAST} 确认`).fill('2000-01');
      await page.keyboard.press('Enter');
      expect(await lock.isDisabled()).toBe(true);
      await dialog.getByLabel(`请输入 ${LAST} 确认`).fill(LAST);
      await lock.click();
      await dialog.getByRole('link', { name: /客户与咨询：有进行中的导入/ }).waitFor();
      expect((await finance.api.get(`/v1/periods/${LAST}`)).state).toBe('PERIOD_STATE_OPEN');
      await operator.api.post('/v1/imports:finish', { kind: 'visits', source });
      await eventually(async () => !(await blocked(page, lock)), 'the lock', 40);
      await dialog.getByText('锁定完成').waitFor();
      await dialog.getByRole('button', { name: '关闭', exact: true }).click();
      await row.getByText('已锁定').waitFor();
    },
    { provoked: [409] },
  );
  expect((await finance.api.get(`/v1/periods/${LAST}`)).locked_by).toBe(finance.username);
}, 90_000);

it('a member\'s class and why, the complaint that makes them class C, and what ends it', async () => {
  const service = await demo('customer_service');
  const member = (await service.api.get('/v1/members?member_class=MEMBER_CLASS_A')).members[0];
  await as(service, `/members/${member.customer_id}`, async (page) => {
    await page.locator('[data-why]', { hasText: '3 个因素中满足 1 个（M3）' }).waitFor();
    await page.goto(page.url().replace('/members/', '/customers/'));
    await page.getByRole('button', { name: '登记投诉' }).click();
    await page.getByLabel('内容').fill('等待时间太长');
    await page.keyboard.press('Control+Enter');
    await page.getByRole('dialog', { name: '登记投诉' }).waitFor({ state: 'hidden' });
    await page.locator('.rx-part', { hasText: '投诉' }).locator('tr[data-row]').first().click();
    await page.getByRole('heading', { name: '投诉', level: 1 }).waitFor();
    expect(await page.locator('main').textContent()).not.toContain('等待时间太长');
    await page.getByRole('button', { name: '开始调查' }).click();
    await page.getByLabel('说明').press('Control+Enter');
    await page.getByRole('button', { name: '处理完毕' }).click();
    await choose(page, '处理结果', '已修复');
    await choose(page, '满意度', '满意');
    await page.keyboard.press('Control+Enter');
    await page.locator('.rx-head .rx-tag', { hasText: '已解决' }).waitFor();
  });
  await eventually(async () => (await service.api.get(`/v1/members/${member.customer_id}`)).member_class === 'MEMBER_CLASS_B', 'class B after a repair');
});

it('somebody wants no more marketing: said with a reason, and it stands on the page', async () => {
  const service = await demo('customer_service');
  const lead = await newLead(await account('consultant'), '白露');
  await as(service, `/customers/${lead.customer_id}`, async (page) => {
    await page.getByRole('button', { name: '登记退订' }).click();
    await page.locator('[data-field="reason"] input').fill('客户来电要求');
    await page.keyboard.press('Control+Enter');
    await page.locator('.rx-head .rx-tag', { hasText: '已退订' }).waitFor();
  });
  expect((await service.api.get(`/v1/recipients/${lead.customer_id}`)).opted_out).toBe(true);
});

it('a template is previewed with what will be read, its length and its parts', async () => {
  await as(await demo('customer_service_director'), '/templates', async (page) => {
    await page.getByRole('button', { name: '预览' }).first().click();
    const dialog = page.getByRole('dialog');
    for (const field of await dialog.locator('.rx-field input').all()) await field.fill('陈先生');
    await dialog.getByRole('button', { name: '预览' }).click();
    const text = (await dialog.locator('.rx-note').textContent())!;
    expect(text).toContain('陈先生');
    expect(text).toMatch(/\d+ 字，\d+ 条/);
  });
});

it('a policy gets its next version from its own form, from a day on, with a reason', async () => {
  const director = await demo('customer_service_director');
  await as(director, '/policies?service=membership', async (page) => {
    await page.getByRole('button', { name: '修改' }).click();
    await page.locator('[data-field="reason"] input').fill('年度调整');
    await page.getByLabel('积分有效月数').fill('36');
    await page.keyboard.press('Control+Enter');
    await page.getByText('版本 2', { exact: false }).first().waitFor();
  });
  const versions = (await director.api.get('/v1/policies/membership/versions')).versions;
  expect([versions[0].policy.points_months, versions[0].policy.net_spend_fen, versions[0].approver]).toEqual([36, '2800000', director.username]);
});

it('a file is looked at, tried and imported; what was refused comes back; the page may be closed meanwhile', async () => {
  const operator = await account('operations');
  const folder = mkdtempSync(join(tmpdir(), 'renxin-console-'));
  const source = code('till');
  const header = 'customer_no,name,phone,birthday,birthday_calendar,marketing_consent,region';
  const columns = readFileSync(join(process.env.RENXIN_DEMO_FOLDER!, 'import/customers.csv'), 'utf-8').split('\n')[0]!.trim().split(',');
  const row = (no: string, name: string, number: string) => columns.map((column) => ({ customer_no: no, name, phone: number })[column] ?? '').join(',');
  expect(header).toContain('customer_no');
  const file = join(folder, 'customers.csv');
  writeFileSync(file, [columns.join(','), row('A-1', '林静', phone()), row('A-2', '王芳', phone()), row('A-3', '无名', '12')].join('\r\n'));
  await as(operator, '/imports', async (page) => {
    await page.locator('input[type="file"]').setInputFiles(file);
    await page.getByText('编码 UTF-8').waitFor();
    expect(await page.getByRole('table', { name: '前 20 行' }).locator('tbody tr').count()).toBe(3);
    await page.getByLabel('来源系统').fill(source);
    const number = (label: string) => page.locator(`[data-number="${label}"] strong`).textContent();
    await page.getByRole('button', { name: '试运行' }).click();
    await page.getByText('试运行没有写入任何数据').waitFor();
    expect([await number('读取'), await number('新增'), await number('拒绝')]).toEqual(['3', '2', '1']);
    await page.getByRole('button', { name: '正式导入' }).click();
    await page.locator('[data-report] .rx-tag', { hasText: '正式' }).waitFor();
    const address = page.url();
    await page.goto('about:blank');
    await page.goto(address);
    await page.locator('[data-report] .rx-tag', { hasText: '已完成' }).waitFor();
    expect([await number('新增'), await number('拒绝')]).toEqual(['2', '1']);
    const saved = page.waitForEvent('download');
    await page.getByRole('button', { name: '下载被拒绝的行' }).click();
    expect(readFileSync(await (await saved).path(), 'utf-8')).toContain('A-3');
  });
});

it('an administrator makes an account, which signs in with its roles, and switches it off', async () => {
  const name = code('desk');
  const who = { username: 'admin', password: administratorPassword };
  await as({ ...who, id: '', staffId: '', api: await admin() }, '/accounts', async (page) => {
    await page.getByRole('button', { name: '新建账号' }).click();
    await page.getByLabel('用户名').fill(name);
    await choose(page, '岗位', '前台');
    await page.getByRole('textbox', { name: '密码' }).fill('desk-password-1');
    await page.keyboard.press('Control+Enter');
    await page.getByRole('dialog', { name: '新建账号' }).waitFor({ state: 'hidden' });
  });
  await as({ username: name, password: 'desk-password-1', id: '', staffId: '', api: await admin() }, '/', async (page) => {
    await page.getByRole('button', { name: '到院登记' }).waitFor();
    expect(await page.evaluate(() => JSON.stringify({ ...sessionStorage }))).not.toContain('desk-password-1');
  });
});

it('a member of staff is moved from a day on; who was faster is not written over', async () => {
  const personnel = await account('personnel');
  const staff = await personnel.api.post('/v1/staff', { staff_no: code('e'), name: '周敏', job: 'rep', joined_on: '2025-01-01', department: 'market' });
  await as(
    personnel,
    `/staff/${staff.id}`,
    async (page) => {
      await page.getByRole('button', { name: '登记变动' }).click();
      await page.getByLabel('自').fill('20250301');
      await page.keyboard.press('Tab');
      expect(await page.getByLabel('自').inputValue()).toBe('2025-03-01');
      await page.getByLabel('科室').fill('skin');
      await personnel.api.post(`/v1/staff/${staff.id}:move`, { from: '2025-02-01', department: 'dental' });
      await page.keyboard.press('Control+Enter');
      const dialog = page.getByRole('dialog', { name: '记录已被他人修改' });
      await dialog.getByRole('row', { name: /科室/ }).waitFor();
      expect(await dialog.getByRole('row', { name: /科室/ }).locator('td').allTextContents()).toEqual(['皮肤', '口腔', '市场部']);
      await dialog.getByRole('button', { name: '按我的提交' }).click();
      await page.getByRole('cell', { name: '皮肤' }).waitFor();
    },
    { provoked: [412] },
  );
  const periods = (await personnel.api.get(`/v1/staff/${staff.id}`)).periods;
  expect(periods.map((one: { department: string }) => one.department)).toEqual(['market', 'dental', 'skin']);
});

it('the desk\'s first screen from a cold cache stays within twelve requests for files and first data', async () => {
  const desk = await account('front_desk');
  await as(desk, '/', async (page) => {
    await page.locator('.rx-tile').first().waitFor();
    const cold = await page.context().browser()!.newContext({ ignoreHTTPSErrors: true, storageState: await page.context().storageState() });
    const tab = await cold.newPage();
    const asked: string[] = [];
    tab.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await tab.goto(page.url());
    await tab.locator('.rx-tile strong', { hasText: /^\d/ }).first().waitFor();
    const files = asked.filter((path) => path.startsWith('/c/') && !path.endsWith('.svg'));
    expect(files.length).toBeLessThanOrEqual(12);
    await cold.close();
  });
  expect(today()).toMatch(/^\d{4}-\d{2}-\d{2}$/);
});
