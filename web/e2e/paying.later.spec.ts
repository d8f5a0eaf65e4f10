/** Automatic payment a month later: charged once, on its day; a refusal is told with its reason. */
import { day as dayName, fullDay, laterPeriod, today } from '../src/domain/dates';
import { money } from '../src/domain/money';
import { cardName, dayIn, dayOf, firstCharge } from '../src/domain/payments';
import type { Local, Resident, Shape } from './lkk';
import { BILL, expect, test } from './paying';

type Autopayment = Shape['AutopaymentOut'];

/** An automatic payment by the bill with a card that was just saved. */
async function active(payer: Resident, local: Local, number: string, card: string): Promise<Autopayment> {
  const path = `/v1/accounts/${number}/autopayment`;
  const return_url = `${new URL(process.env['LKK_URL'] ?? 'http://localhost:8000').origin}/accounts/${number}/autopay`;
  const { setup_url } = await payer.api.call<Autopayment>('put', path, { up_to: 900_000, return_url });
  expect(await local.pay(setup_url ?? '', { card })).toBe('paid');
  let now: Autopayment | undefined;
  await expect(async () => expect((now = await payer.api.call<Autopayment>('get', path)).status).toBe('active')).toPass();
  return now!;
}

test('a month later one bill is paid by itself, once and on the day that was told, and a refused card is told with its reason', async ({ page, m, lang, payer, another, local, look }) => {
  test.setTimeout(400_000);
  const [good, bad] = [payer.account.account_number, (await another()).account_number];
  const begun = today(await local.now());
  const day = firstCharge(begun);
  const sum = money(BILL.due, lang);
  expect((await active(payer, local, good, '4242424242424242')).next_charge_on).toBe(day);
  await active(payer, local, bad, '4000000000000341');

  const evening = new Date(`${day}T18:00:00Z`);
  await local.advance((evening.getTime() - (await local.now()).getTime()) / 1000);
  await local.idle();

  await test.step('paid: the next day is told, one charge is in the history', async () => {
    await page.goto(`/accounts/${good}/autopay`);
    await page.getByRole('heading', { name: m.autopay.active }).waitFor();
    await page.getByText(fullDay(dayIn(laterPeriod(begun.slice(0, 7), 2), dayOf(begun)), lang), { exact: true }).waitFor();
    await page.getByText(m.autopay.nowNothing).waitFor();
    await look('charged');
    await page.getByRole('link', { name: m.autopay.see }).click();
    await page.getByRole('heading', { name: m.result.paid, exact: true }).waitFor();
    await page.getByText(`${m.payments.source({ source: 'autopay' })}, ${cardName({ brand: 'visa', last4: '4242' })}`).waitFor();
    await page.goto(`/payments?account=${good}`);
    const charges = page.locator('.rows > li').filter({ hasText: m.payments.source({ source: 'autopay' }) });
    await expect(charges).toHaveCount(1);
    await expect(charges).toContainText(sum);
    await expect(charges).toContainText(dayName(day, lang));
    await look('history');
  });

  await test.step('refused: why, what comes next, and how to pay', async () => {
    await page.goto('/payments/autopay');
    await page.getByText(m.autopay.trouble).waitFor();
    await look('all');
    await page.goto(`/accounts/${bad}/autopay`);
    await page.getByText(m.whys.declined).waitFor();
    await expect(page.getByRole('main')).toContainText(sum);
    await page.getByText(m.autopay.again({ when: fullDay(new Date(evening.getTime() + 864e5).toISOString().slice(0, 10), lang) })).waitFor();
    await look('refused');
    await page.getByRole('link', { name: m.autopay.see }).click();
    await page.getByRole('heading', { name: m.result.failed }).waitFor();
    await page.getByText(m.result.declined({ reason: m.whys.declined })).waitFor();
    await look('refused-payment');
    await page.getByRole('link', { name: m.result.toAutopay }).click();
    await page.getByRole('link', { name: m.autopay.payNow }).click();
    await page.getByRole('button', { name: m.pay.go({ sum }) }).waitFor();
  });
});
