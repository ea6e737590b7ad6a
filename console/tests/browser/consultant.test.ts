import { expect, it } from 'vitest';
import { as, choose } from './browser';
import { account, newLead, phone, today } from './suite';

it('a call is taken by the keyboard alone, and the customer stands in the list, masked', async () => {
  const who = await account('consultant');
  const number = phone();
  await as(who, '/leads', async (page) => {
    await page.getByRole('heading', { name: '咨询列表' }).waitFor();
    await page.keyboard.press('n');
    await page.getByRole('dialog', { name: '新建咨询' }).waitFor();
    await expect.poll(() => page.evaluate(() => document.activeElement?.closest('[data-field]')?.getAttribute('data-field'))).toBe('phone');
    await page.keyboard.type(number);
    await page.keyboard.press('Tab');
    await page.keyboard.type('林静');
    await page.keyboard.press('Tab');
    await page.keyboard.type('网络');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Control+Enter');
    await page.getByRole('heading', { name: '咨询', exact: true, level: 1 }).waitFor();
    await page.getByText(`${number.slice(0, 3)}****${number.slice(-4)}`).waitFor();
    const shown = (await page.locator('main').textContent())!;
    expect(shown).not.toContain(number);
    expect(shown).toContain('林*');
  });
  const leads = (await who.api.get(`/v1/leads?day_from=${today()}&page_size=200`)).leads;
  expect(leads.filter((lead: { channel: string; consultant_id: string }) => lead.channel === 'online' && lead.consultant_id === who.staffId).length).toBe(1);
});

it('what the service refuses lands on its field in Chinese, the first is focused, and nothing typed is lost', async () => {
  await as(
    await account('consultant'),
    '/leads?new=1',
    async (page) => {
      await page.getByLabel('姓名').fill('林静');
      await page.keyboard.press('Control+Enter');
      expect(await page.locator('[data-field="phone"] .rx-field-error').textContent()).toBe('必填');
      await page.getByLabel('电话').fill('123');
      await choose(page, '渠道', '电话');
      await page.keyboard.press('Control+Enter');
      await page.locator('[data-field="phone"] .rx-field-error').getByText('G4').waitFor();
      await expect.poll(() => page.evaluate(() => document.activeElement?.closest('[data-field]')?.getAttribute('data-field'))).toBe('phone');
      expect(await page.getByLabel('姓名').inputValue()).toBe('林静');
      expect(await page.locator('.rx-problem').textContent()).not.toMatch(/[a-z]{4,} [a-z]{3,}/);
      await page.getByRole('button', { name: /追踪编号/ }).waitFor();
    },
    { provoked: [400] },
  );
});

it('filters live in the URL: back restores the list with its filter and its place', async () => {
  const who = await account('consultant');
  for (let i = 0; i < 30; i += 1) await newLead(who, '林静', i % 2 ? 'dental' : 'skin_package');
  await as(who, '/leads', async (page) => {
    await choose(page, '状态', '新咨询');
    await page.waitForURL(/state=LEAD_STATE_NEW/);
    const row = page.locator('tr[data-row]').nth(25);
    await row.scrollIntoViewIfNeeded();
    const id = await row.getAttribute('data-id');
    const before = await page.evaluate(() => window.scrollY);
    expect(before).toBeGreaterThan(300);
    let read = 0;
    page.on('request', (request) => { if (/\/v1\/leads\?/.test(request.url())) read += 1; });
    await row.click();
    await page.waitForURL(new RegExp(`/leads/${id}`));
    await page.goBack();
    await page.locator(`tr[data-id="${id}"]`).waitFor();
    expect(page.url()).toContain('state=LEAD_STATE_NEW');
    await expect.poll(() => page.evaluate(() => window.scrollY)).toBe(before);
    expect(read).toBe(0);
    await page.reload();
    await page.locator(`tr[data-id="${id}"]`).waitFor();
    await page.getByRole('button', { name: '重置' }).click();
    await page.waitForURL((address) => !address.search.includes('state'));
  });
});

it('a row is reached and opened by arrow keys and Enter', async () => {
  const who = await account('consultant');
  await newLead(who);
  await newLead(who);
  await as(who, '/leads', async (page) => {
    const rows = page.locator('tr[data-row]');
    await rows.nth(1).waitFor();
    const second = await rows.nth(1).getAttribute('data-id');
    await rows.first().focus();
    await page.keyboard.press('ArrowDown');
    expect(await page.evaluate(() => document.activeElement?.getAttribute('data-id'))).toBe(second);
    await page.keyboard.press('Enter');
    await page.waitForURL(new RegExp(`/leads/${second}`));
  });
});

it('two people change one record: the later one sees mine, now and before, and nothing is written over', async () => {
  const who = await account('consultant');
  const lead = await newLead(who);
  await as(
    who,
    `/leads/${lead.id}`,
    async (page) => {
      await page.getByRole('button', { name: '更改状态' }).click();
      await page.getByLabel('原因').fill('客户没有时间');
      await choose(page, '改为', '已流失');
      await who.api.post(`/v1/leads/${lead.id}:move`, { to: 'LEAD_STATE_CONTACTED' });
      await page.keyboard.press('Control+Enter');
      const dialog = page.getByRole('dialog', { name: '记录已被他人修改' });
      await dialog.waitFor();
      const row = dialog.getByRole('row', { name: /状态/ });
      expect((await row.locator('td').allTextContents())).toEqual(['已流失', '已联系', '新咨询']);
      expect((await who.api.get(`/v1/leads/${lead.id}`)).state).toBe('LEAD_STATE_CONTACTED');
      await dialog.getByRole('button', { name: '按我的提交' }).click();
      await page.locator('.rx-head .rx-tag', { hasText: '已流失' }).waitFor();
    },
    { provoked: [412] },
  );
  expect((await who.api.get(`/v1/leads/${lead.id}`)).state).toBe('LEAD_STATE_LOST');
});

it('the gateway goes away in the middle of a form: the input stays, and sending again makes one record', async () => {
  const who = await account('consultant');
  const number = phone();
  const keys = new Set<string>();
  await as(
    who,
    '/leads?new=1',
    async (page) => {
      await page.getByLabel('电话').fill(number);
      await page.getByLabel('姓名').fill('顾言');
      await choose(page, '渠道', '网络');
      let cut = 0;
      await page.route('**/v1/leads', async (route) => {
        if (route.request().method() !== 'POST') return route.continue();
        keys.add(route.request().headers()['idempotency-key']!);
        cut += 1;
        // The first arrives at the service and its answer is lost; the second does not arrive at all.
        if (cut === 1) await route.fetch();
        if (cut <= 2) return route.abort('connectionreset');
        return route.continue();
      });
      for (const _ of [1, 2]) {
        await page.keyboard.press('Control+Enter');
        await page.getByRole('alert').getByText('网络不通').waitFor();
        expect(await page.getByLabel('电话').inputValue()).toBe(number);
      }
      await page.getByLabel('电话').focus();
      await page.keyboard.press('Control+Enter');
      await page.getByRole('heading', { name: '咨询', exact: true, level: 1 }).waitFor();
    },
    { allowed: /ERR_CONNECTION_RESET/ },
  );
  expect(keys.size).toBe(1);
  const again = (await who.api.post('/v1/leads', { channel: 'online', name: '顾言', phone: number })).lead;
  const leads = (await who.api.get(`/v1/leads?customer_id=${again.customer_id}`)).leads;
  expect([leads.length, again.touches]).toEqual([1, '1']);
});

it('a draft comes back after a reload, and is gone when it was sent or thrown away', async () => {
  await as(await account('consultant'), '/leads?new=1', async (page) => {
    await page.getByLabel('姓名').fill('程野');
    await page.reload();
    await page.getByText('已恢复上次未提交的内容').waitFor();
    expect(await page.getByLabel('姓名').inputValue()).toBe('程野');
    await page.getByRole('button', { name: '丢弃草稿' }).click();
    expect(await page.getByLabel('姓名').inputValue()).toBe('');
    await page.reload();
    await page.getByLabel('姓名').waitFor();
    expect(await page.getByText('已恢复上次未提交的内容').count()).toBe(0);
  });
});

it('an input method\'s Enter composes and does not send', async () => {
  await as(await account('consultant'), '/leads?new=1', async (page) => {
    let posted = 0;
    page.on('request', (request) => { if (request.method() === 'POST' && request.url().endsWith('/v1/leads')) posted += 1; });
    await page.getByLabel('姓名').click();
    const wire = await page.context().newCDPSession(page);
    await wire.send('Input.imeSetComposition', { text: 'wang', selectionStart: 4, selectionEnd: 4 });
    await page.keyboard.press('Control+Enter');
    await wire.send('Input.insertText', { text: '王芳' });
    expect(await page.getByLabel('姓名').inputValue()).toBe('王芳');
    expect(posted).toBe(0);
    await page.getByLabel('姓名').fill('');
  });
});

it('a lead is given an appointment by the hospital\'s clock, wherever the browser stands', async () => {
  const who = await account('consultant');
  const lead = await newLead(who);
  await as(who, `/leads/${lead.id}`, async (page) => {
    await page.getByRole('button', { name: '预约', exact: true }).click();
    await choose(page, '科室', '口腔');
    await page.getByRole('combobox', { name: '日期' }).fill('2027-03-14');
    await page.keyboard.press('Enter');
    await choose(page, '时间', '09:30');
    await page.keyboard.press('Control+Enter');
    await page.getByText('2027-03-14 09:30').waitFor();
  }, { timezone: 'America/Los_Angeles' });
  const made = (await who.api.get(`/v1/appointments?lead_id=${lead.id}`)).appointments;
  expect(made.map((one: { slot_start: string; department: string }) => [one.slot_start, one.department])).toEqual([['2027-03-14T01:30:00Z', 'dental']]);
});
