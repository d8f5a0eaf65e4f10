/** What holds every page: sections with what awaits one, language, sessions that end, several tabs, addresses that lead nowhere. */
import { enter, expect, test } from './lkk';

test('home says what to do, the sections count it, and the language stays chosen', async ({ page, m, lang, resident, look }) => {
  await page.goto('/');
  await page.getByRole('heading', { name: m.home.accounts }).waitFor();
  await expect(page.getByRole('link', { name: m.nav.badge({ n: 1 }) }).first()).toBeVisible();
  await look('home');
  const other = lang === 'ru' ? 'en' : 'ru';
  await page.getByRole('button', { name: m.otherLanguage }).click();
  await expect(page.locator('html')).toHaveAttribute('lang', other);
  await page.reload();
  await expect(page.locator('html')).toHaveAttribute('lang', other);
  expect(resident.account.account_number).toBeTruthy();
});

test('without an account home leads to the first one, and the keyboard leads past the header', async ({ page, m, newcomer, look }) => {
  await page.goto('/');
  await page.getByRole('heading', { name: m.home.none }).waitFor();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: m.skip })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.locator('#main')).toBeFocused();
  await page.getByRole('link', { name: m.nav.readings }).click();
  await page.getByRole('link', { name: m.home.add }).waitFor();
  await look('no-account');
  expect(newcomer.phone).toBeTruthy();
});

test('a session that ended elsewhere leads to sign-in and back to the same page', async ({ page, context, m, resident, local, lang, look, expected }) => {
  expected.push(/status of 401/);
  await page.goto('/payments');
  // The heading comes before the session is gone on with, which would give the cookie anew.
  await page.getByRole('navigation', { name: m.nav.label }).waitFor();
  await context.clearCookies();
  await page.reload();
  await page.getByText(m.signIn.ended).waitFor();
  await look('session-ended');
  expect(new URL(page.url()).searchParams.get('next')).toBe('/payments');
  await local.advance(46); // another code is sent after 45 seconds
  await page.getByLabel(m.signIn.phone).fill(resident.phone);
  const before = (await local.inbox(resident.phone))[0]?.text.match(/\d{6}/)?.[0];
  await page.getByRole('button', { name: m.signIn.getCode }).click();
  await page.getByLabel(m.signIn.code).fill(await local.code(resident.phone, before));
  await page.getByRole('heading', { name: m.payments.title }).waitFor();
  expect(lang).toBeTruthy();
});

test('tabs share a session: both go on after a reload, and signing out in one signs out the other', async ({ page, context, m, phone, local, lang }) => {
  await enter(page, phone, local, lang);
  const other = await context.newPage();
  await page.goto('/profile');
  await other.goto('/profile');
  await Promise.all([page.reload(), other.reload()]);
  await page.getByRole('button', { name: m.profile.out, exact: true }).waitFor();
  await other.getByText(m.home.noneText).waitFor(); // nothing moves under the finger any more
  await other.getByRole('button', { name: m.profile.out, exact: true }).click();
  await page.getByRole('heading', { name: m.signIn.title }).waitFor();
});

test('signing out counts, though another tab is just going on with the session', async ({ page, context, m, phone, local, lang }) => {
  await enter(page, phone, local, lang);
  await page.goto('/profile');
  await page.getByText(m.home.noneText).waitFor();
  const other = await context.newPage();
  let answered = () => {};
  const held = new Promise<void>((done) => (answered = done));
  const asked = other.waitForRequest('**/v1/auth/refresh');
  await other.route('**/v1/auth/refresh', async (route) => { const response = await route.fetch(); await held; await route.fulfill({ response }); });
  await other.goto('/');
  await asked;
  await page.getByRole('button', { name: m.profile.out, exact: true }).click();
  answered();
  await page.getByRole('heading', { name: m.signIn.title }).waitFor();
  await other.getByRole('heading', { name: m.signIn.title }).waitFor();
});

test('an address that leads nowhere says so', async ({ page, m, look, expected }) => {
  expected.push(/status of 404/);
  await page.goto('/nowhere');
  await page.getByRole('heading', { name: m.trouble.notFound }).waitFor();
  await look('nowhere');
  await page.getByRole('link', { name: m.trouble.home }).click();
  await page.getByRole('heading', { name: m.signIn.title }).waitFor();
});

test('the first page comes with at most 60 kB of compressed script, and the typeface after it', async ({ browser, baseURL, locale, m }) => {
  const page = await browser.newPage({ baseURL, locale });
  await page.goto('/sign-in', { waitUntil: 'networkidle' });
  await page.getByRole('heading', { level: 1, name: m.signIn.title }).waitFor();
  const scripts = await page.evaluate(() =>
    (performance.getEntriesByType('resource') as PerformanceResourceTiming[]).filter(({ name }) => name.endsWith('.js')).map(({ encodedBodySize }) => encodedBodySize));
  expect(scripts.every((size) => size > 0)).toBe(true);
  expect(scripts.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(60_000);
  await expect(page.locator('html')).toHaveClass(/typeface/);
  expect(await page.evaluate(() => [...document.fonts].filter(({ family, status }) => family === 'Golos' && status === 'loaded').length)).toBe(3);
  await page.context().close();
});
