// Every screen of every role at a desk, and the first screens on a phone: it opens, the browser has nothing to complain of, nothing that
// is drawn is refused, and who sees or hears otherwise can use it.
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { roles } from '@/texts/contract';
import { as, PHONE } from './browser';
import { account } from './suite';

const LONG = !!process.env.RENXIN_TEST_LONG;
/** A month that was locked before somebody was hired has no statement of theirs: the workbench asks, and says so. */
const hiredSince = (role: string): number[] => (role === 'rep' ? [404] : []);
/** Lists whose first record was opened. */
const opened = new Set<string>();
/** A screen looks the same to all who may open it: it is judged once for each width. */
const judged = new Set<string>();

async function unusable(page: Page, width = 'desk'): Promise<string[]> {
  const screen = `${width} ${new URL(page.url()).pathname.split('/').slice(0, 3).join('/')} ${new URL(page.url()).pathname.split('/').length}`;
  if (judged.has(screen) && !screen.endsWith('/c/ 3')) return [];
  judged.add(screen);
  await page.evaluate(axe.source);
  const found = await page.evaluate(async () => {
    const result = await (window as unknown as { axe: typeof axe }).axe.run(document, { runOnly: ['wcag2a', 'wcag2aa'] });
    return result.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.target.join(' ')).slice(0, 3).join('; ')}`);
  });
  return found.map((one) => `${new URL(page.url()).pathname} ${one}`);
}

async function settled(page: Page): Promise<void> {
  await page.locator('main h1').first().waitFor();
  await page.waitForFunction(() => !document.querySelector('[aria-busy="true"]') && !document.querySelector('main')?.textContent?.includes('正在加载'));
}

async function walk(page: Page, open: (path: string) => Promise<void>): Promise<{ refused: string[]; wrong: string[]; seen: number }> {
  const refused: string[] = [];
  page.on('response', (response) => {
    if (response.status() >= 400) refused.push(`${new URL(page.url()).pathname}: ${response.status()} ${new URL(response.url()).pathname}`);
  });
  const paths = await page.locator('.rx-nav-item').evaluateAll((links) => links.map((link) => link.getAttribute('href')!));
  const wrong: string[] = [];
  for (const path of paths) {
    await open(path);
    // The screen is loaded when it is opened: until then the one before it stands there.
    await page.locator(`.rx-nav-item.is-here[href="${path}"]`).waitFor();
    await settled(page);
    wrong.push(...(await unusable(page)));
    const rows = page.locator('[data-row].is-openable');
    if ((LONG || !opened.has(path)) && (await rows.count()) > 0) {
      opened.add(path);
      await rows.first().click();
      await settled(page);
      wrong.push(...(await unusable(page)));
      await page.goBack();
    }
  }
  return { refused, wrong, seen: paths.length };
}

it.each(Object.keys(roles))('%s opens every screen that is theirs', async (role) => {
  await as(await account(role), '/', async (page) => {
    const found = await walk(page, (path) => page.locator(`.rx-nav-item[href="${path}"]`).click());
    expect(found.refused).toEqual([]);
    expect(found.wrong).toEqual([]);
    expect(found.seen).toBeGreaterThan(0);
    const scrolled = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(scrolled).toBe(0);
  }, { provoked: hiredSince(role) });
}, 120_000);

it.each(LONG ? Object.keys(roles) : ['rep', 'consultant', 'front_desk'])('%s on a phone: nothing is cut, and every target can be hit', async (role) => {
  await as(
    await account(role),
    '/',
    async (page) => {
      await page.getByRole('button', { name: '菜单' }).click();
      const paths = await page.locator('.rx-nav-item').evaluateAll((links) => links.map((link) => link.getAttribute('href')!));
      const wrong: string[] = [];
      for (const path of paths) {
        if (path !== paths[0]) await page.getByRole('button', { name: '菜单' }).click();
        await page.locator(`.rx-nav-item[href="${path}"]`).click();
        await page.locator('.el-drawer').waitFor({ state: 'hidden' });
        await settled(page);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        if (wide > 0) wrong.push(`${path}: ${wide} px too wide`);
        wrong.push(...(await unusable(page, 'phone')));
      }
      expect(wrong).toEqual([]);
    },
    { viewport: PHONE, provoked: hiredSince(role) },
  );
}, 120_000);

it('what a role may not do is neither drawn nor opened by its address', async () => {
  await as(await account('rep'), '/imports', async (page) => {
    await page.getByRole('heading', { name: '工作台' }).waitFor();
    expect(await page.locator('.rx-nav').textContent()).not.toMatch(/数据导入|账号|账期|总账/);
  }, { provoked: hiredSince('rep') });
});
