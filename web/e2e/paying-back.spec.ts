/** Back from the provider's page by the browser's own button, as browsers do it: the page as it was left, out of their memory. */
import { money } from '../src/domain/money';
import { BILL, expect, payByCard, test } from './paying';

// The driver keeps Chromium from remembering pages unless it is told not to.
test.use({ launchOptions: async ({ launchOptions }, use) => use({ ...launchOptions, ignoreDefaultArgs: ['--disable-back-forward-cache'] }) });

test('a page that the browser remembered is free again, and knows of the payment that was begun', async ({ page, m, lang, payer, look }) => {
  const go = page.getByRole('button', { name: m.pay.go(money(BILL.due, lang)) });
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
