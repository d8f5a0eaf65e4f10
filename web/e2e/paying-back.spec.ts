/** Back from the provider's page by the browser's own button, as browsers do it: the page as it was left, out of their memory. */
import { money } from '../src/domain/money';
import { BILL, expect, payByCard, test } from './paying';

// The driver keeps Chromium from remembering pages unless it is told not to.
test.use({ launchOptions: async ({ launchOptions }, use) => use({ ...launchOptions, ignoreDefaultArgs: ['--disable-back-forward-cache'] }) });

test('a page that the browser remembered is free again, and knows of the payment that was begun', async ({ page, m, lang, payer, look }) => {
  const go = page.getByRole('button', { name: m.pay.go({ sum: money(BILL.due, lang) }) });
  await page.goto(`/pay?account=${payer.account.account_number}`);
  await go.waitFor();
  await page.evaluate(() => addEventListener('pageshow', (event) => (document.title = `remembered: ${event.persisted}`)));
  await go.click();
  await page.waitForURL(/_stripe/);

  // A page out of the browser's memory does not load again.
  await page.goBack({ waitUntil: 'commit' });

  await expect(page).toHaveTitle('remembered: true');
  await expect(go).not.toHaveAttribute('aria-disabled', 'true');
  await page.getByRole('heading', { name: m.pay.openTitle }).waitFor();
  await look('back');
  await go.click();
  await payByCard(page);
  await page.getByRole('heading', { name: m.result.paid, exact: true }).waitFor();
});

test('when the page to pay on does not open, there is a link to it and a word on what to do', async ({ page, m, lang, payer, look }) => {
  let open = false;
  // The browser goes nowhere: as when something holds it back.
  await page.route('**/_stripe/**', (route) => (open ? route.continue() : route.fulfill({ status: 204 })));
  await page.clock.install();
  await page.goto(`/pay?account=${payer.account.account_number}`);
  const made = page.waitForResponse('**/v1/payments');
  await page.getByRole('button', { name: m.pay.go({ sum: money(BILL.due, lang) }) }).click();
  await (await made).finished();
  const link = page.getByRole('link', { name: m.pay.stuckLink });
  await expect(async () => {
    await page.clock.runFor(1000);
    await expect(link).toBeVisible({ timeout: 100 });
  }).toPass();
  await look('stuck');
  await page.getByText(m.pay.stuckHelp).click();
  await page.getByRole('heading', { name: m.ways.stuck }).waitFor();
  await look('stuck-help');

  open = true;
  await page.goto(`/pay?account=${payer.account.account_number}`);
  await page.getByRole('heading', { name: m.pay.openTitle }).waitFor();
  await page.getByRole('link', { name: m.pay.openGo }).click();
  await payByCard(page);
  await page.getByRole('heading', { name: m.result.paid, exact: true }).waitFor();
});
