// One browser for all tests, a context of its own for each person in front of it. What the browser has to complain of fails the test.
import { chromium, type Browser, type Page } from 'playwright-core';
import { expect } from 'vitest';
import { type Account, url } from './suite';

const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--lang=zh-CN'];
export const DESK = { width: 1366, height: 768 };
export const PHONE = { width: 390, height: 844 };
let launched: Promise<Browser> | null = null;

function browser(): Promise<Browser> {
  launched ??= chromium.launch({ executablePath: process.env.RENXIN_CHROMIUM ?? '/usr/bin/chromium', args: FLAGS });
  return launched;
}

export async function closeBrowser(): Promise<void> {
  await (await launched)?.close();
  launched = null;
}

export interface Screen {
  page: Page;
  /** What went wrong so far by the browser's own account; refusals that a test provokes are named and allowed. */
  complaints: string[];
  close: () => Promise<void>;
}

interface Options {
  viewport?: { width: number; height: number };
  /** Of the browser, never of the hospital. */
  timezone?: string;
  /** Statuses of answers that the test provokes: the browser logs each as an error. */
  provoked?: number[];
  /** What else the browser logs because the test made it happen. */
  allowed?: RegExp;
}

function listen(page: Page, complaints: string[], provoked: number[], allowed?: RegExp): void {
  page.on('console', (message) => {
    const refusal = /status of (\d+)/.exec(message.text())?.[1];
    if ((message.type() === 'error' || message.type() === 'warning') && !(refusal && provoked.includes(Number(refusal))) && !allowed?.test(message.text())) complaints.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('request', (request) => {
    if (!request.url().startsWith(url) && !/^(data|blob|about):/.test(request.url())) complaints.push(`another host: ${request.url()}`);
  });
}

export async function newScreen(options: Options = {}): Promise<Screen> {
  const context = await (await browser()).newContext({ viewport: options.viewport ?? DESK, ignoreHTTPSErrors: true, locale: 'zh-CN', timezoneId: options.timezone ?? 'America/Los_Angeles', reducedMotion: 'reduce' });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const complaints: string[] = [];
  listen(page, complaints, options.provoked ?? [], options.allowed);
  await page.addInitScript(() => document.addEventListener('securitypolicyviolation', (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`)));
  return { page, complaints, close: () => context.close() };
}

export async function signInOn(page: Page, who: Pick<Account, 'username' | 'password'>, path = '/'): Promise<void> {
  await page.goto(`${url}/c${path}`);
  await page.getByLabel('用户名').fill(who.username);
  await page.getByRole('textbox', { name: '密码' }).fill(who.password);
  await page.keyboard.press('Enter');
  await page.locator('.rx-shell').waitFor();
}

/** Runs with somebody signed in, and fails on whatever the browser complains of. */
export async function as(who: Account, path: string, work: (page: Page) => Promise<void>, options: Options = {}): Promise<void> {
  const screen = await newScreen(options);
  try {
    await signInOn(screen.page, who, path);
    await work(screen.page);
    expect(screen.complaints).toEqual([]);
  } catch (error) {
    // What stood on the page says more than which part of it did not come.
    const shown = await screen.page.locator('body').innerText().catch(() => '');
    if (error instanceof Error) error.stack += `\n${screen.page.url()}\n${screen.complaints.join('\n')}\n${shown.slice(0, 3000)}`;
    throw error;
  } finally {
    await screen.close();
  }
}

/** Chooses in a select of the form or the filters by its label. */
export async function choose(page: Page, label: string, option: string): Promise<void> {
  await page.getByRole('combobox', { name: label, exact: true }).last().click({ force: true });
  await page.getByRole('option', { name: option, exact: true }).last().click();
}
