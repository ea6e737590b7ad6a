import { expect, it } from 'vitest';
import { as, newScreen } from './browser';
import { account, phone, today, url } from './suite';

it('a wrong password is refused in Chinese, the name is kept, and the right one opens the workbench', async () => {
  const who = await account('consultant');
  const { page, close, complaints } = await newScreen({ provoked: [401] });
  await page.goto(`${url}/c/leads`);
  await page.getByLabel('用户名').fill(who.username);
  await page.getByRole('textbox', { name: '密码' }).fill('not-the-password');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').getByText('用户名或密码不正确').waitFor();
  expect(await page.getByLabel('用户名').inputValue()).toBe(who.username);
  await page.getByRole('textbox', { name: '密码' }).fill(who.password);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: '咨询列表' }).waitFor();
  expect(complaints).toEqual([]);
  await close();
});

it('the session survives a reload and another tab, and no token lies where a script could read it', async () => {
  await as(await account('consultant'), '/', async (page) => {
    await page.reload();
    await page.getByRole('heading', { name: '工作台' }).waitFor();
    const tab = await page.context().newPage();
    await tab.goto(`${url}/c/leads`);
    await tab.getByRole('heading', { name: '咨询列表' }).waitFor();
    const readable = await page.evaluate(() => JSON.stringify([document.cookie, { ...localStorage }, Object.keys(sessionStorage).filter((name) => !name.startsWith('vue-router'))]));
    expect(readable).toBe('["",{"renxin.signed-in":"1"},[]]');
    const cookies = await page.context().cookies(`${url}/v1/sessions`);
    expect(cookies.map(({ httpOnly, secure, sameSite, expires }) => [httpOnly, secure, sameSite, expires])).toEqual([[true, true, 'Strict', -1]]);
  });
});

it('two tabs that renew at once both stay signed in', async () => {
  await as(await account('consultant'), '/', async (page) => {
    const tabs = await Promise.all([1, 2, 3].map(() => page.context().newPage()));
    await Promise.all(tabs.map((tab) => tab.goto(`${url}/c/leads`)));
    await Promise.all(tabs.map((tab) => tab.getByRole('heading', { name: '咨询列表' }).waitFor()));
  });
});

it('signing out forgets the session, here and at the service', async () => {
  await as(
    await account('consultant'),
    '/',
    async (page) => {
      await page.getByRole('button', { name: '退出登录' }).click();
      await page.getByRole('heading', { name: '登录' }).waitFor();
      expect(await page.context().cookies(`${url}/v1/sessions`)).toEqual([]);
      await page.goto(`${url}/c/leads`);
      await page.getByRole('heading', { name: '登录' }).waitFor();
    },
  );
});

it('a session that ends over a form loses nothing: the sign-in stands over the page, and one record results', async () => {
  const who = await account('consultant');
  const number = phone();
  const keys: string[] = [];
  await as(
    who,
    '/leads?new=1',
    async (page) => {
      await page.getByLabel('电话').fill(number);
      await page.getByLabel('姓名').fill('沈秋');
      await page.getByRole('combobox', { name: '渠道' }).last().click();
      await page.getByRole('option', { name: '电话', exact: true }).last().click();
      let ended = false;
      await page.route('**/v1/leads', async (route) => {
        if (route.request().method() !== 'POST') return route.continue();
        keys.push(route.request().headers()['idempotency-key']!);
        if (ended) return route.continue();
        ended = true;
        await page.context().clearCookies();
        await route.fulfill({ status: 401, contentType: 'application/problem+json', body: JSON.stringify({ status: 401, reason: 'token-expired', errors: [], trace_id: '0' }) });
      });
      await page.keyboard.press('Control+Enter');
      const over = page.getByRole('dialog', { name: '登录已过期' });
      await over.waitFor();
      expect(await page.getByLabel('电话').inputValue()).toBe(number);
      await over.getByRole('textbox', { name: '密码' }).fill(who.password);
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: '咨询', exact: true, level: 1 }).waitFor();
    },
    { provoked: [401, 400] },
  );
  expect(keys.length).toBe(2);
  expect(keys[0]).toBe(keys[1]);
  const leads = await who.api.get(`/v1/leads?day_from=${today()}&page_size=200`);
  const id = (await who.api.post('/v1/leads', { channel: 'phone', name: '沈秋', phone: number })).lead.customer_id;
  expect(leads.leads.filter((lead: { customer_id: string }) => lead.customer_id === id).length).toBe(1);
});
