/** The history of payments: what it shows, how it is filtered, and that the address keeps the filter. */
import { laterPeriod, today } from '../src/domain/dates';
import { money } from '../src/domain/money';
import { begun, expect, paid, test } from './paying';

test('the history has own and other payments, reversals with a minus, and filters that survive Back and a reload', async ({ page, m, lang, payer, another, local, look }) => {
  const second = await another();
  const number = payer.account.account_number;
  const rub = (kopecks: number) => money(kopecks, lang);
  const row = (id: string, amount: number, day: string) => ({ id: `${id}-${number}`, account_number: number, amount, paid_at: `${day}T00:01:00+03:00`, period: day.slice(0, 7) });
  const month = today().slice(0, 7);
  const former = Array.from({ length: 20 }, (_, back) => row(`former-${back}`, 100_000 + back, `${laterPeriod(month, -1 - back)}-12`));
  await local.takeIn('payments', [...former, row('once', 123_456, `${month}-01`), row('undone', -123_456, `${month}-01`)]);
  await paid(payer, local, 45_600);
  const { id: left } = await begun(payer, 78_900);
  const rows = page.getByRole('main').locator('.rows > li');
  const chips = page.getByRole('group', { name: m.payments.range });

  await test.step('everything, newest first, ten at a time', async () => {
    await page.goto('/payments');
    await rows.first().waitFor();
    await expect(rows).toHaveCount(10);
    await expect(rows.nth(0)).toContainText(rub(78_900));
    await expect(rows.nth(0)).toContainText(m.payments.statuses['pending']!);
    await expect(rows.nth(1)).toContainText(rub(45_600));
    await expect(rows.filter({ hasText: m.payments.reversal }).first()).toContainText(`\u2212`);
    await look('history');
    await page.getByRole('button', { name: m.more }).click();
    await expect(rows).toHaveCount(20);
  });

  await test.step('ranges and months', async () => {
    await chips.getByRole('button', { name: m.payments.ranges[6] }).click();
    await expect(page).toHaveURL(new RegExp(`from=${laterPeriod(month, -5)}`));
    await page.getByText(m.payments.filter).click();
    await page.getByLabel(m.payments.size).selectOption('50');
    await page.getByLabel(m.payments.to, { exact: true }).selectOption(laterPeriod(month, -1));
    await expect(page.getByText(rub(45_600))).toHaveCount(0);
    // A month before the other end takes it along.
    await page.getByLabel(m.payments.from, { exact: true }).selectOption(month);
    await expect(page.getByLabel(m.payments.to, { exact: true })).toHaveValue(month);
    await expect(rows).toHaveCount(4);
    await page.getByText(m.payments.total({ shown: m.payments.shown({ n: 4 }), sum: rub(45_600) })).waitFor();
    await look('one-month');
  });

  await test.step('account and status; Back and a reload keep them', async () => {
    await page.getByLabel(m.payments.account, { exact: true }).selectOption(number);
    await page.getByLabel(m.payments.status, { exact: true }).selectOption('pending');
    await expect(rows).toHaveCount(1);
    await rows.getByRole('link').click();
    await page.waitForURL(new RegExp(left));
    await page.goBack();
    await expect(rows).toHaveCount(1);
    await page.reload();
    await expect(rows).toHaveCount(1);
    await expect(page.getByLabel(m.payments.account, { exact: true })).toHaveValue(number);
  });

  await test.step('nothing for this filter, and all of it again', async () => {
    await page.getByLabel(m.payments.account, { exact: true }).selectOption(second.account_number);
    await page.getByRole('heading', { name: m.payments.noneHere }).waitFor();
    await look('none-here');
    await page.getByRole('link', { name: m.payments.clear }).click();
    await expect(rows).toHaveCount(10);
  });
});

test('a payment for several accounts shows its part under one of them; who has none is told so', async ({ page, m, lang, payer, another, local, look, expected }) => {
  expected.push(/ERR_FAILED/);
  const second = await another();
  const rub = (kopecks: number) => money(kopecks, lang);
  const item = (account_number: string, amount: number) => ({ account_number, amount, with_insurance: false });
  await paid(payer, local, 0, { items: [item(payer.account.account_number, 30_000), item(second.account_number, 12_000)] });

  await page.goto(`/payments?account=${second.account_number}&from=${today().slice(0, 7)}`);
  const row = page.getByRole('main').locator('.rows > li').first();
  await expect(row).toContainText(rub(12_000));
  await expect(row).toContainText(m.payments.partOf({ sum: rub(42_000) }));
  await look('part');

  await page.route('**/v1/payments?*', (route) => route.abort());
  await page.goto('/payments');
  await page.getByText(m.trouble.unreachable).waitFor();
  await look('unreachable');
  await page.unroute('**/v1/payments?*');
  await page.getByRole('button', { name: m.retry }).click();
  await row.waitFor();
});

test('who has paid nothing yet is told so', async ({ page, m, newcomer, look }) => {
  expect(newcomer.token).toBeTruthy();
  await page.goto('/payments');
  await page.getByRole('heading', { name: m.payments.none }).waitFor();
  await look('none');
  await page.goto('/pay');
  await page.getByRole('heading', { name: m.pay.none }).waitFor();
  await look('nothing-to-pay-for');
  await page.goto('/cards');
  await page.getByRole('heading', { name: m.cards.none }).waitFor();
  await look('no-cards');
  await page.goto('/payments/autopay');
  await page.getByText(m.autopay.unproven).waitFor();
  await look('no-autopay');
});
