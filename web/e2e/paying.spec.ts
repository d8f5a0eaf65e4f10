/** Paying: one account or all, what is asked and warned of, the provider's page and every way back from it. */
import { money } from '../src/domain/money';
import type { Shape } from './lkk';
import { begun, BILL, expect, paid, payByCard, test, withEmail } from './paying';

test('any amount is paid, insurance only when chosen; a refused card and a refused confirmation leave the page for another card', async ({ page, m, lang, payer, look }) => {
  const rub = (kopecks: number) => money(kopecks, lang);
  const amount = page.getByLabel(m.pay.amount, { exact: true });
  const go = (kopecks: number) => page.getByRole('button', { name: m.pay.go({ sum: rub(kopecks) }), exact: true });

  await test.step('the whole bill without insurance is proposed', async () => {
    await page.goto(`/pay?account=${payer.account.account_number}`);
    await go(BILL.due).waitFor();
    await expect(page.getByLabel(m.pay.insurance({ sum: rub(BILL.insurance) }))).not.toBeChecked();
    await page.getByText(m.pay.parts).click();
    await page.getByText('Образцовый водоканал').waitFor();
    await expect(page.getByText('Страховая «Пример»')).toHaveCount(0);
    await look('pay');
  });

  await test.step('what cannot be is said beside the field', async () => {
    for (const wrong of ['', 'много', '0', '-5']) {
      await amount.fill(wrong);
      await page.getByRole('button', { name: m.account.pay, exact: true }).click();
      await page.getByText(m.pay.amountWrong).waitFor();
      await expect(amount).toBeFocused();
    }
    await look('amount-refused');
    await amount.fill('5 000 000');
    await go(500_000_000).click();
    await page.getByText(m.pay.amountTooLarge).waitFor();
  });

  await test.step('less, more, and too little for the insurance are warned of', async () => {
    await amount.fill('1000');
    await page.getByText(m.pay.under({ rest: rub(BILL.due - 100_000) })).waitFor();
    await page.getByLabel(m.pay.insurance({ sum: rub(BILL.insurance) })).check();
    await go(BILL.whole).waitFor();
    await page.getByText('Страховая «Пример»').waitFor();
    await amount.fill('3800');
    await page.getByText(m.pay.insuranceShort).waitFor();
    await look('underpayment');
    await amount.fill('4000,00 ₽');
    await page.getByText(m.pay.over({ rest: rub(400_000 - BILL.whole) })).waitFor();
    await page.getByRole('button', { name: m.pay.whole({ sum: rub(BILL.whole) }) }).click();
    await go(BILL.whole).click();
  });

  await test.step('a declined card, then a refused confirmation, then a card that pays', async () => {
    await payByCard(page, '4000 0000 0000 0002');
    await page.locator('input[name=number]').waitFor();
    await payByCard(page, '4000 0027 6000 3184');
    await page.waitForURL(/authenticate/);
    await page.locator('button[value=fail], button[value=cancel], button:not([value=complete])').first().click();
    await page.waitForURL(/failed=1/);
    await payByCard(page);
    await page.waitForURL(/payments\/result\?/);
    await page.getByRole('heading', { name: m.result.paid, exact: true }).waitFor();
    await page.getByText(m.result.insurance({ sum: rub(BILL.insurance) })).waitFor();
    await page.getByText(m.result.receiptNoMail).waitFor();
    await look('paid');
    await page.emulateMedia({ media: 'print' });
    await expect(page.getByText(m.result.receiptTitle)).toBeVisible();
    await expect(page.getByRole('button', { name: m.result.print })).toBeHidden();
    await look('printed');
  });
});

test('all accounts are paid at once with a sum that cannot be changed; unproven ones are named', async ({ page, m, lang, payer, another, look }) => {
  const second = await another();
  await payer.api.call('post', '/v1/accounts', { account_number: '900000000017' });
  const rub = (kopecks: number) => money(kopecks, lang);

  await page.goto('/pay');
  await page.getByText(m.pay.allFixed).waitFor();
  await expect(page.getByLabel(m.pay.amount, { exact: true })).toHaveCount(0);
  await page.getByText(m.pay.unproven).waitFor();
  await look('all');
  await page.getByLabel(m.pay.insurance({ sum: rub(2 * BILL.insurance) })).check();
  await page.getByRole('button', { name: m.pay.go({ sum: rub(2 * BILL.whole) }) }).click();
  await payByCard(page);
  await page.getByRole('heading', { name: m.result.paid, exact: true }).waitFor();
  await expect(page.getByRole('main').getByRole('link', { name: m.home.number({ number: second.account_number }) })).toBeVisible();
  await look('all-paid');

  await page.goto('/pay');
  await page.getByText(m.pay.nothingText).waitFor();
  await expect(page.getByLabel(m.pay.account).locator('option')).toHaveCount(2);
  await look('nothing-to-pay');
});

test('a payment that was left, closed or gone back from is gone on with and never paid twice', async ({ page, m, lang, payer, look }) => {
  const rub = (kopecks: number) => money(kopecks, lang);
  const start = `/pay?account=${payer.account.account_number}`;
  await page.goto(start);
  await page.getByRole('button', { name: m.pay.go({ sum: rub(BILL.due) }) }).click();
  await page.waitForURL(/_stripe/);

  await test.step('the browser leads back to a page that works', async () => {
    await page.goBack();
    const button = page.getByRole('button', { name: m.pay.go({ sum: rub(BILL.due) }) });
    await expect(button).not.toHaveAttribute('aria-disabled', 'true');
    await page.getByRole('heading', { name: m.pay.openTitle }).waitFor();
    await look('begun');
    await page.getByRole('link', { name: m.pay.openGo }).click();
  });

  await test.step('left by its own link', async () => {
    await page.waitForURL(/_stripe/);
    await page.locator('a[href$="/back"]').click();
    await page.getByRole('heading', { name: m.result.left }).waitFor();
    await look('left');
  });

  await test.step('closed, and found in the history', async () => {
    await page.goto('/payments');
    await page.getByRole('listitem').filter({ hasText: m.payments.statuses['pending']! }).getByRole('link').click();
    await page.getByRole('heading', { name: m.result.open }).waitFor();
    await page.getByText(m.result.openText).waitFor();
    await look('open');
    await page.getByRole('link', { name: m.result.goOn }).click();
    await payByCard(page);
    await page.getByRole('heading', { name: m.result.paid, exact: true }).waitFor();
  });

  await test.step('another tab that still shows the debt asks instead of charging again', async () => {
    const [first] = (await payer.api.call<Shape['PaymentsOut']>('get', '/v1/payments?limit=1')).items;
    await page.goto(start);
    await page.getByLabel(m.pay.amount, { exact: true }).fill(rub(BILL.due));
    await page.getByRole('button', { name: m.pay.go({ sum: rub(BILL.due) }) }).click();
    await page.getByRole('dialog').getByText(m.pay.recent({ sum: rub(BILL.due) })).waitFor();
    await look('paid-minutes-ago');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: m.pay.go({ sum: rub(BILL.due) }) }).click();
    await page.getByRole('button', { name: m.pay.noRepeat }).click();
    await page.waitForURL(/\/payments$/);
    expect((await payer.api.call<Shape['PaymentsOut']>('get', '/v1/payments?limit=1')).items[0]?.id).toBe(first?.id);
    await page.goBack();
    await page.getByLabel(m.pay.amount, { exact: true }).fill(rub(BILL.due));
    await page.getByRole('button', { name: m.pay.go({ sum: rub(BILL.due) }) }).click();
    await page.getByRole('button', { name: m.pay.repeat }).click();
    await page.waitForURL(/_stripe/);
  });
});

test('two tabs pay the same bill: the second one asks', async ({ page, context, m, lang, payer }) => {
  const rub = (kopecks: number) => money(kopecks, lang);
  const start = `/pay?account=${payer.account.account_number}`;
  const button = { name: m.pay.go({ sum: rub(BILL.due) }) };
  const other = await context.newPage();
  await Promise.all([page.goto(start), other.goto(start)]);
  await Promise.all([page.getByRole('button', button).waitFor(), other.getByRole('button', button).waitFor()]);

  await page.getByRole('button', button).click();
  await payByCard(page);
  await page.getByRole('heading', { name: m.result.paid, exact: true }).waitFor();
  await other.getByRole('button', button).click();
  await other.getByRole('dialog').getByText(m.pay.recent({ sum: rub(BILL.due) })).waitFor();
  await other.close();
});

test('an answer that got lost is asked for again under the same key, and a press makes one payment', async ({ page, m, lang, payer, look, expected }) => {
  expected.push(/ERR_FAILED|ERR_INTERNET_DISCONNECTED/);
  const rub = (kopecks: number) => money(kopecks, lang);
  const button = page.getByRole('button', { name: m.pay.go({ sum: rub(BILL.due) }) });
  const keys: string[] = [];
  let lost = 5;
  await page.route('**/v1/payments', async (route) => {
    if (route.request().method() !== 'POST') return route.continue();
    keys.push(route.request().headers()['idempotency-key'] ?? '');
    if ((lost -= 1) < 0) return route.continue();
    // The system got it, its answer did not get here.
    await route.fetch();
    await route.abort();
  });

  await page.goto(`/pay?account=${payer.account.account_number}`);
  await button.click();
  await expect(page.getByRole('button', { name: m.pay.going })).toHaveAttribute('aria-disabled', 'true');
  await page.getByText(m.pay.lost).waitFor();
  await look('answer-lost');
  await button.dblclick();
  await page.waitForURL(/_stripe/);

  expect(new Set(keys).size).toBe(1);
  expect(keys.length).toBe(6);
  const { items } = await payer.api.call<Shape['PaymentsOut']>('get', '/v1/payments?status=pending');
  expect(items.length).toBe(1);
});

test('the result tells of waiting, cancelling, refunds and disputes, and sends the receipt to a confirmed address', async ({ page, m, lang, payer, local, look, expected }) => {
  expected.push(/status of 404/);
  const rub = (kopecks: number) => money(kopecks, lang);
  const heading = (name: string) => page.getByRole('heading', { name, exact: true });
  await page.goto('/payments/help');
  await heading(m.ways.title).waitFor();
  await look('help');

  await test.step('waiting for the bank', async () => {
    const open = await begun(payer, 40_000);
    await page.goto(`/payments/result?payment_id=${open.id}`);
    await heading(m.result.pending).waitFor();
    await page.getByText(m.result.pendingText).waitFor();
    await look('waiting');
    expect(await local.pay(open.checkout_url ?? '', { card: '4000000000009995' })).toBe('declined');
    await page.goto(`/payments/${open.id}`);
    await page.getByText(m.result.declined({ reason: m.whys.insufficient_funds })).waitFor();
    await look('declined');
  });

  await test.step('paid, receipt', async () => {
    const made = await paid(payer, local, 50_000);
    const email = await withEmail(payer, local);
    await page.goto(`/payments/${made.id}`);
    await page.getByText(m.result.receiptTo({ email })).waitFor();
    await page.getByRole('button', { name: m.result.receipt }).click();
    await page.getByText(m.result.receiptSent({ email })).waitFor();
    await expect(async () => expect((await local.inbox(email))[0]?.text).toContain(made.id)).toPass();
    await look('receipt-sent');
  });

  const act = async (id: string, event: string, amount?: number) => {
    expect((await page.request.post('/_local/stripe', { data: { payment_id: id, event, amount } })).ok()).toBeTruthy();
  };
  await test.step('partly, then wholly refunded', async () => {
    const made = await paid(payer, local, 60_000);
    await act(made.id, 'refund', 20_000);
    await expect(async () => {
      await page.goto(`/payments/${made.id}`);
      await heading(m.result.partly).waitFor({ timeout: 1500 });
    }).toPass();
    await page.getByText(m.result.partlyText({ back: rub(20_000), left: rub(40_000) })).waitFor();
    await look('partly-refunded');
    await act(made.id, 'refund', 40_000);
    await expect(async () => {
      await page.goto(`/payments/${made.id}`);
      await heading(m.result.refunded).waitFor({ timeout: 1500 });
    }).toPass();
    await look('refunded');
  });

  await test.step('disputed, and won', async () => {
    const made = await paid(payer, local, 70_000);
    await act(made.id, 'dispute');
    await expect(async () => {
      await page.goto(`/payments/${made.id}`);
      await heading(m.result.disputed).waitFor({ timeout: 1500 });
    }).toPass();
    await look('disputed');
  });

  await test.step('unknown', async () => {
    for (const address of [`/payments/pay_${'0'.repeat(32)}`, '/payments/result', '/payments/result?payment_id=../me']) {
      await page.goto(address);
      await heading(m.result.unknown).waitFor();
    }
    await look('unknown');
    await page.getByRole('main').getByRole('link', { name: m.result.history }).click();
    await heading(m.payments.title).waitFor();
  });
});
