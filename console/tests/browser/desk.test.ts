import { expect, it } from 'vitest';
import { as, choose } from './browser';
import { account, newAppointment, newLead, phone, type LeadMade } from './suite';

async function booked(name: string): Promise<LeadMade & { appointment: string }> {
  const consultant = await account('consultant');
  const lead = await newLead(consultant, name);
  const made = await newAppointment(consultant, lead);
  return { ...lead, appointment: made.id };
}

it('an arrival is registered by the keyboard alone: last four, Enter, Ctrl+Enter', async () => {
  const desk = await account('front_desk');
  const person = await booked('唐雨');
  let keys = 0;
  await as(desk, '/arrivals', async (page) => {
    await page.getByText(person.phone.slice(-4)).waitFor();
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('type'))).toBe('search');
    await page.keyboard.type(person.phone.slice(-4));
    await expect.poll(() => page.locator('[data-appointment]').count()).toBe(1);
    for (const key of ['Enter', 'Control+Enter']) {
      await page.keyboard.press(key);
      keys += 1;
      if (key === 'Enter') await page.getByRole('heading', { name: /唐\*/ }).waitFor();
    }
    await page.locator('.rx-note', { hasText: '首次到院' }).waitFor();
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('type'))).toBe('search');
  });
  expect(keys).toBeLessThanOrEqual(4);
  const visits = (await desk.api.get(`/v1/visits?customer_id=${person.customer_id}`)).visits;
  expect(visits.map((visit: { lead_id: string; department: string }) => [visit.lead_id, visit.department])).toEqual([[person.id, 'dental']]);
  expect((await desk.api.get(`/v1/appointments/${person.appointment}`)).status).toBe('APPOINTMENT_STATUS_ARRIVED');
});

it('who has no appointment is registered with name and phone; who is known by the phone stays one person', async () => {
  const desk = await account('front_desk');
  const number = phone();
  await as(desk, '/arrivals', async (page) => {
    for (const said of ['首次到院', '再次到院']) {
      await page.getByLabel('电话').fill(number);
      await page.getByLabel('姓名').fill('许诺');
      await choose(page, '科室', '皮肤');
      await page.getByRole('button', { name: '登记到院' }).click();
      await page.locator('.rx-note', { hasText: said }).waitFor();
    }
  });
  const lead = (await desk.api.post('/v1/leads', { channel: 'walk_in', name: '许诺', phone: number })).lead;
  expect((await desk.api.get(`/v1/visits?customer_id=${lead.customer_id}`)).visits.length).toBe(2);
});

it('the day\'s appointments say who comes when, and one that is moved meanwhile is not moved over', async () => {
  const desk = await account('front_desk');
  const person = await booked('姜禾');
  await as(
    desk,
    '/appointments',
    async (page) => {
      const row = page.getByRole('row', { name: new RegExp(person.phone.slice(-4)) });
      await row.getByRole('button', { name: '更改状态' }).click();
      await choose(page, '更改状态', '未到');
      await desk.api.post(`/v1/appointments/${person.appointment}:move`, { to: 'APPOINTMENT_STATUS_CANCELLED', reason: '改期' });
      await page.keyboard.press('Control+Enter');
      await page.getByRole('dialog', { name: '记录已被他人修改' }).getByRole('button', { name: '放弃我的，看最新' }).click();
      await row.getByText('已取消').waitFor();
    },
    { provoked: [412] },
  );
});

it('clear text needs a reason, hides itself, and is in no storage', async () => {
  const desk = await account('front_desk');
  const person = await booked('秦朗');
  await as(desk, `/customers/${person.customer_id}`, async (page) => {
    await page.getByRole('heading', { name: '秦*' }).waitFor();
    expect(await page.locator('main').textContent()).not.toContain(person.phone);
    await page.getByRole('button', { name: '显示', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: '显示完整信息' });
    await dialog.getByLabel('查看原因').fill('看');
    await dialog.getByRole('button', { name: '显示' }).click();
    await dialog.locator('.rx-field-error').waitFor();
    await dialog.getByRole('button', { name: '回电客户' }).click();
    await dialog.getByRole('button', { name: '显示' }).click();
    await page.getByText(person.phone.slice(3)).waitFor();
    await page.getByRole('timer').waitFor();
    expect(await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.title, location.href]))).not.toContain(person.phone.slice(3));
    await page.getByRole('button', { name: '隐藏' }).click();
    expect(await page.locator('main').textContent()).not.toContain(person.phone.slice(3));
  });
});

it('a change that somebody else makes is offered, and shown when it is taken', async () => {
  const consultant = await account('consultant');
  const desk = await account('front_desk');
  await booked('殷桃');
  await as(desk, '/leads', async (page) => {
    await page.locator('tr[data-row]').first().waitFor();
    const made = await newLead(consultant, '甘棠');
    await page.getByRole('button', { name: /条更新/ }).click();
    await page.locator(`tr[data-id="${made.id}"]`).waitFor();
  });
});
