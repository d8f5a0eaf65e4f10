/**
 * What every story needs: a resident with a phone and an account of their own, the texts of the page,
 * the local controls, and the eyes that see what a person would not forgive: accessibility, the
 * console, calls to elsewhere, sideways scrolling.
 */
import { expect, test as base, type APIRequestContext, type Page } from '@playwright/test';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { tmpdir } from 'node:os';
import type { components } from '../src/api/schema';
import { en } from '../src/i18n/en';
import { ru, type Messages } from '../src/i18n/ru';

export { expect };
export type Shape = components['schemas'];
export const TAKEN = join(tmpdir(), `lkk-e2e-${encodeURIComponent(process.env['LKK_URL'] ?? 'local')}`);
/** Contexts that are not made by the runner have no base of their own. */
const BASE = process.env['LKK_URL'] ?? '';
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

export interface FreeAccount { account_number: string; period: string; amount: number; address: string }
export interface Letter { channel: 'sms' | 'email'; to: string; subject: string; text: string; html: string; sent_at: string }

/** A resident who is signed in, with what calls the API as they would. */
export interface Resident { phone: string; token: string; account: FreeAccount; api: Api }

export interface Told { lang: 'ru' | 'en' }

interface Given {
  m: Messages;
  /** A phone that nobody used before, also not in an earlier run on the same data. */
  phone: string;
  /** An account that nobody holds, with a figure of its bill. */
  free: FreeAccount;
  local: Local;
  /** Signed in in this browser, no account yet. */
  newcomer: Omit<Resident, 'account'>;
  /** Signed in in this browser, with `free` proven. */
  resident: Resident;
  /** The page stands still: no violation of accessibility, nothing wider than the screen. PICTURES=folder keeps a picture. */
  look: (name: string) => Promise<void>;
  /** Console lines that this story means to cause. */
  expected: RegExp[];
}

/** The local controls of the run. */
export class Local {
  constructor(private readonly request: APIRequestContext) {}

  async freeAccounts(): Promise<FreeAccount[]> {
    return (await (await this.request.get('/_local/demo')).json()).free_accounts;
  }

  async inbox(to: string): Promise<Letter[]> {
    return (await (await this.request.get(`/_local/inbox?to=${encodeURIComponent(to)}`)).json()).items;
  }

  /** The newest code that was sent to `phone`; `after`: not this one. */
  async code(phone: string, after?: string): Promise<string> {
    let found: string | undefined;
    await expect(async () => {
      found = (await this.inbox(phone))[0]?.text.match(/\b\d{6}\b/)?.[0];
      expect(found && found !== after).toBeTruthy();
    }).toPass();
    return found ?? '';
  }

  /** The newest letter's link, as a path of the cabinet. */
  async link(to: string): Promise<string> {
    let found: string | undefined;
    await expect(async () => {
      found = (await this.inbox(to))[0]?.text.match(/https?:\/\/\S*token=\S+/)?.[0];
      expect(found).toBeTruthy();
    }).toPass();
    const url = new URL(found ?? '');
    return url.pathname + url.search;
  }

  async idle(): Promise<void> {
    expect((await this.request.post('/_local/idle', { data: { timeout_seconds: 60 }, timeout: 90_000 })).ok()).toBeTruthy();
  }

  /** The system's own present moment. */
  async now(): Promise<Date> {
    return new Date((await (await this.request.get('/_local/clock')).json()).now);
  }

  async advance(seconds: number): Promise<void> {
    expect((await this.request.post('/_local/clock', { data: { advance_seconds: seconds }, timeout: 300_000 })).ok()).toBeTruthy();
  }

  /** Takes in a file of the billing, rows of one kind. */
  async takeIn(kind: 'accounts' | 'bills' | 'meters' | 'payments', rows: object[]): Promise<void> {
    const name = `${kind}-${crypto.randomUUID()}.jsonl`;
    const answer = await this.request.post('/_local/import', { data: { name, text: rows.map((row) => JSON.stringify(row)).join('\n') }, timeout: 90_000 });
    expect(await answer.json(), `${kind} taken in`).toMatchObject({ refused: 0 });
  }

  /** What a person would do on the provider's page. */
  async pay(checkout_url: string, more: { card?: string; authenticate?: boolean; abandon?: boolean } = {}): Promise<string> {
    return (await (await this.request.post('/_local/pay', { data: { card: '4242424242424242', checkout_url, ...more } })).json()).status;
  }
}

/** The API with a resident's token. */
export class Api {
  constructor(private readonly request: APIRequestContext, private readonly token: string) {}

  async call<T>(method: 'get' | 'post' | 'put' | 'patch' | 'delete', path: string, data?: unknown): Promise<T> {
    const headers = { Authorization: `Bearer ${this.token}`, 'Idempotency-Key': crypto.randomUUID() };
    const answer = await this.request[method](path, { headers, data });
    expect(answer.ok(), `${method} ${path}: ${answer.status()} ${await answer.text()}`).toBeTruthy();
    return (answer.status() === 204 ? undefined : await answer.json()) as T;
  }
}

export const test = base.extend<Told & Given>({
  lang: ['ru', { option: true }],
  m: async ({ lang }, use) => use(lang === 'en' ? en : ru),
  expected: async ({}, use) => use([]),

  phone: async ({}, use) => use(freePhone()),

  free: async ({ local }, use) => use(await freeAccount(local)),

  local: async ({ request }, use) => use(new Local(request)),

  newcomer: async ({ page, phone, local, lang }, use) => {
    const token = await enter(page, phone, local, lang);
    await use({ phone, token, api: new Api(page.request, token) });
  },

  resident: async ({ newcomer, free }, use) => {
    await prove(newcomer.api, free);
    await use({ ...newcomer, account: free });
  },

  look: async ({ page }, use, info) => {
    let shots = 0;
    await use(async (name) => {
      const pictures = process.env['PICTURES'];
      if (pictures) await page.screenshot({ path: join(pictures, `${basename(info.file).split('.')[0]}-${info.line}-${info.project.name}-${String((shots += 1)).padStart(2, '0')}-${name}.png`), fullPage: true });
      const found = await violations(page);
      expect(found, `axe on ${name}`).toEqual([]);
      await fits(page, name);
    });
  },

  page: async ({ page, baseURL, expected }, use) => {
    const troubles: string[] = [];
    // The typeface at once, so that nothing moves when it comes in the middle of a story.
    await page.context().addInitScript(() => {
      const begun = () => document.documentElement?.classList.add('typeface');
      if (!document.documentElement) new MutationObserver((_, watch) => { begun(); watch.disconnect(); }).observe(document, { childList: true });
      begun();
    });
    page.on('pageerror', (error) => troubles.push(`error: ${error.message}`));
    page.on('console', (message) => {
      // A refusal is an answer that the page shows; Chromium writes a line about each.
      const refusal = /the server responded with a status of 4(03|09|10|22|29)/.test(message.text());
      const ours = message.location().url.startsWith(baseURL ?? '') && !message.location().url.includes('/_stripe/');
      if (['error', 'warning'].includes(message.type()) && !refusal && ours) troubles.push(`console: ${message.text()} at ${message.location().url}`);
    });
    page.on('request', (request) => {
      if (/^https?:/.test(request.url()) && !request.url().startsWith(baseURL ?? '')) troubles.push(`third party: ${request.url()}`);
    });
    await use(page);
    expect(troubles.filter((each) => !expected.some((known) => known.test(each)))).toEqual([]);
  },
});

/** The page is no wider than the screen: as it is, on the narrowest phone, and with letters twice as large. */
async function fits(page: Page, name: string): Promise<void> {
  const size = page.viewportSize()!;
  const wider = () => page.evaluate(() => {
    const over = document.documentElement.scrollWidth - innerWidth;
    if (over <= 0) return '';
    const out = [...document.querySelectorAll('body *')].filter((each) => each.getBoundingClientRect().right > innerWidth + 1);
    return `${over} px, from ${out.slice(0, 3).map((each) => each.outerHTML.slice(0, 120)).join(' | ')}`;
  });
  const larger = (share: string) => page.evaluate((value) => document.documentElement.style.setProperty('font-size', value), share);
  await expect.soft.poll(wider, { message: `${name} is wider than the screen`, timeout: 2000 }).toBe('');
  await larger('200%');
  await expect.soft.poll(wider, { message: `${name} with large letters is wider than the screen`, timeout: 2000 }).toBe('');
  const crowded = () => page.evaluate(() => [...document.querySelectorAll<HTMLElement>('header nav a')].filter((each) => each.scrollWidth > each.clientWidth).map((each) => each.innerText).join(' | '));
  await expect.soft.poll(crowded, { message: `sections of ${name} with large letters cover each other`, timeout: 2000 }).toBe('');
  await larger('');
  if (size.width <= 600) await page.setViewportSize({ ...size, width: 320 });
  await expect.soft.poll(wider, { message: `${name} is wider than 320 px`, timeout: 2000 }).toBe('');
  await page.setViewportSize(size);
  // What is drawn to measure follows its room in the next frame.
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
}

/** What axe finds on the page. It comes through the debugger's door, which the policy of the page does not touch. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  return page.evaluate(
    (tags) => (globalThis as any).axe.run({ runOnly: tags }).then((r: any) => r.violations.map((v: any) => `${v.id} at ${v.nodes.map((n: any) => n.target.join(' ')).join(' | ')}`)),
    RULES,
  );
}

/** A phone that no other story of this run uses, and that no stand-in refuses: those end in 5550001 and on. */
export function freePhone(): string {
  return `+7900${1_000_000 + ((Number(readFileSync(join(TAKEN, 'begun'), 'utf8')) + take('phone', 100_000)) % 4_000_000)}`;
}

/** An account that no other story of this run holds. */
export async function freeAccount(local: Local): Promise<FreeAccount> {
  const known = await local.freeAccounts();
  const account = known[take('account', known.length)];
  if (!account) throw new Error('the demo centre has no free account left');
  return account;
}

/** Link `account`, proven by its bill. */
export async function prove(api: Api, { account_number, period, amount }: FreeAccount): Promise<void> {
  const { proof_id } = await api.call<Shape['ProofOut']>('post', '/v1/account-proofs', { account_number, period, amount });
  await api.call('post', '/v1/accounts', { proof_id });
}

/** The next number below `limit` that no other story of this run has. */
function take(what: string, limit: number): number {
  mkdirSync(TAKEN, { recursive: true });
  for (let n = 0; n < limit; n += 1) {
    try {
      writeFileSync(join(TAKEN, `${what}-${n}`), '', { flag: 'wx' });
      return n;
    } catch { /* taken */ }
  }
  throw new Error(`no ${what} is left`);
}

/** Sign in as the cabinet does, without its page: the refresh cookie in the browser, the access token here. */
export async function enter(page: Page, phone: string, local: Local, lang: string): Promise<string> {
  const headers = { 'X-Refresh-Token': 'cookie', 'Accept-Language': lang };
  const asked = await page.request.post(`${BASE}/v1/auth/otp`, { data: { phone, consents: ['personal_data', 'terms'] }, headers });
  expect(asked.status(), await asked.text()).toBe(202);
  const { challenge_id } = await asked.json();
  const opened = await page.request.post(`${BASE}/v1/auth/otp/${challenge_id}/verify`, { data: { code: await local.code(phone) }, headers });
  expect(opened.status(), await opened.text()).toBe(200);
  await page.addInitScript(() => localStorage.setItem('lkk.signed-in', '1'));
  return (await opened.json()).access_token;
}

/** An amount as a person types it: `3837,19`. */
export function typed(kopecks: number): string {
  return `${Math.floor(kopecks / 100)},${String(kopecks % 100).padStart(2, '0')}`;
}

/** The test card on the provider's hosted page, as a person fills it in. */
export async function payByCard(page: Page, number = '4242 4242 4242 4242'): Promise<void> {
  await page.waitForURL(/_stripe/);
  await page.locator('input[name=number]').fill(number);
  await page.locator('input[name=expiry]').fill('12 / 34');
  await page.locator('input[name=cvc]').fill('123');
  const email = page.locator('input[name=email]');
  if ((await email.count()) && !(await email.inputValue())) await email.fill('resident@example.com');
  await page.locator('button[type=submit]').click();
}
