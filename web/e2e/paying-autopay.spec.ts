/** Automatic payment: set-up with a new and with a saved card, limits, changes, the end; saved cards. */
import { fullDay, today } from '../src/domain/dates';
import { money } from '../src/domain/money';
import { cardName, dayOf, firstCharge } from '../src/domain/payments';
import type { Shape } from './lkk';
import { BILL, expect, payByCard, test } from './paying';

const visa = cardName({ brand: 'visa', last4: '4242' });
const mastercard = cardName({ brand: 'mastercard', last4: '4444' });

test('it is set up with a new card, changed, given another card, and switched off', async ({ page, m, lang, payer, look }) => {
  const number = payer.account.account_number;
  const rub = (kopecks: number) => money(kopecks, lang);
  const first = fullDay(firstCharge(today()), lang);
  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const heading = (name: string) => page.getByRole('heading', { name, exact: true });
  const limit = page.getByLabel(m.autopay.limit);

  await test.step('what it will do is told before', async () => {
    await page.goto(`/accounts/${number}`);
    await page.getByRole('main').getByRole('link', { name: m.account.autopay }).click();
    await heading(m.autopay.set).waitFor();
    await page.getByText(m.autopay.first({ on: first })).waitFor();
    await limit.fill('6000');
    await page.getByText(m.autopay.limitExample({ fits: rub(420_000), over: rub(700_000) })).waitFor();
    await page.getByText(m.autopay.terms, { exact: true }).click();
    await page.getByText(m.autopay.termsList[2]!).waitFor();
    await look('set-up');
    await limit.fill('0');
    await button(m.autopay.toCard).click();
    await page.getByText(m.autopay.wrong).waitFor();
    await page.getByText(m.autopay.agreeWrong).waitFor();
    await expect(limit).toBeFocused();
    await look('refused');
  });

  await test.step('the page is left without a card, then a card is saved', async () => {
    await limit.fill('6000');
    await page.getByLabel(m.autopay.agree).check();
    await button(m.autopay.toCard).click();
    await page.waitForURL(/_stripe/);
    await page.locator('a[href$="/back"]').click();
    await heading(m.autopay.waiting).waitFor();
    await look('waits-for-card');
    await button(m.autopay.goOn).click();
    await payByCard(page, '4000 0000 0000 0002');
    await page.locator('input[name=number]').waitFor();
    await payByCard(page);
    await page.getByText(m.autopay.begun({ on: first })).waitFor();
    await heading(m.autopay.active).waitFor();
    await expect(page).toHaveURL(new RegExp(`/accounts/${number}/autopay$`));
    await page.getByText(m.autopay.nowSum({ sum: rub(BILL.due) })).waitFor();
    await look('active');
  });

  await test.step('a limit below the bill is warned of, and raised', async () => {
    await button(m.autopay.change).click();
    await heading(m.autopay.changeTitle).waitFor();
    await limit.fill('1000');
    await button(m.save).click();
    await page.getByText(m.autopay.nowOver({ toPay: rub(BILL.due), limit: rub(100_000) })).waitFor();
    await look('over-limit');
    await button(m.autopay.raise).click();
    await page.getByRole('radio', { name: m.autopay.fixed }).check();
    await page.getByLabel(m.autopay.amount).fill('2500,50');
    await look('fixed');
    await button(m.save).click();
    await page.getByText(m.autopay.every({ sum: rub(250_050) })).waitFor();
  });

  await test.step('another card takes over, the day stays', async () => {
    await button(m.autopay.change).click();
    await page.getByRole('radio', { name: m.autopay.newCard }).check();
    await button(m.autopay.toCard).click();
    await page.waitForURL(/_stripe/);
    await page.locator('a[href$="/back"]').click();
    await page.getByText(m.autopay.cardNotSaved).waitFor();
    await button(m.autopay.change).click();
    await page.getByRole('radio', { name: m.autopay.newCard }).check();
    await button(m.autopay.toCard).click();
    await payByCard(page, '5555 5555 5555 4444');
    await page.getByText(m.autopay.cardChanged({ card: mastercard })).waitFor();
    const now = await payer.api.call<Shape['AutopaymentOut']>('get', `/v1/accounts/${number}/autopayment`);
    expect([now.card?.last4, now.day, now.amount?.amount]).toEqual(['4444', dayOf(today()), 250_050]);
  });

  await test.step('switching off asks', async () => {
    await button(m.autopay.off).click();
    await page.getByRole('dialog').getByText(m.autopay.offText).waitFor();
    await look('off-asked');
    await page.getByRole('button', { name: m.cancel }).click();
    await button(m.autopay.off).click();
    await button(m.autopay.offYes).click();
    await page.getByText(m.autopay.offDone).waitFor();
    await heading(m.autopay.set).waitFor();
    expect((await payer.api.call<Shape['AutopaymentOut']>('get', `/v1/accounts/${number}/autopayment`)).status).toBe('cancelled');
  });
});

test('a saved card needs no page; removing it warns, and pauses what it pays', async ({ page, m, lang, payer, another, local, look }) => {
  const second = await another();
  const first = fullDay(firstCharge(today()), lang);
  const button = (name: string | RegExp) => page.getByRole('button', { name, exact: true });

  await test.step('a card is added', async () => {
    await page.goto('/cards');
    await button(m.cards.add).click();
    await page.waitForURL(/_stripe/);
    await page.locator('a[href$="/back"]').click();
    await page.getByText(m.cards.notAdded).waitFor();
    await button(m.cards.add).click();
    await payByCard(page);
    await page.getByText(m.cards.added).waitFor();
    await page.getByText(m.cards.unused).waitFor();
    await expect(page).toHaveURL(/\/cards$/);
  });

  await test.step('two accounts pay with it', async () => {
    for (const { account_number } of [payer.account, second]) {
      await page.goto(`/accounts/${account_number}/autopay`);
      await expect(page.getByRole('radio', { name: visa })).toBeChecked();
      await page.getByLabel(m.autopay.agree).check();
      await button(m.autopay.connect).click();
      await page.getByText(m.autopay.begun({ on: first })).waitFor();
    }
    await page.goto('/payments');
    await page.getByRole('link', { name: m.autopay.all }).click();
    await expect(page.getByRole('main').getByText(first)).toHaveCount(2);
    await look('all');
  });

  await test.step('removal', async () => {
    await page.getByRole('link', { name: m.autopay.cards }).click();
    await button(`${m.cards.remove} ${visa}`).click();
    await expect(page.getByRole('dialog').getByRole('listitem')).toHaveCount(2);
    await look('removal-asked');
    await button(m.cards.removeYes).click();
    await page.getByText(m.cards.removed({ card: visa })).waitFor();
    await page.getByRole('heading', { name: m.cards.none }).waitFor();
    await local.idle();
    await page.goto(`/accounts/${second.account_number}/autopay`);
    await page.getByRole('heading', { name: m.autopay.paused }).waitFor();
    await page.getByText(m.autopay.pausedText({ reason: m.whys.card_removed })).waitFor();
    await look('paused');
  });

  await test.step('a new card begins it again', async () => {
    await page.getByLabel(m.autopay.agree).check();
    await button(m.autopay.toCard).click();
    await payByCard(page, '5555 5555 5555 4444');
    await page.getByText(m.autopay.begun({ on: first })).waitFor();
  });
});

test('an account that is not proven has none, and without the provider the rest of the page still works', async ({ page, m, payer, look, expected }) => {
  expected.push(/ERR_FAILED/);
  const unproven = '900000000025';
  await payer.api.call('post', '/v1/accounts', { account_number: unproven });
  await page.goto(`/accounts/${unproven}/autopay`);
  await page.getByText(m.autopay.unproven).waitFor();
  await look('unproven');

  await page.route('**/v1/cards', (route) => route.abort());
  await page.goto(`/accounts/${payer.account.account_number}/autopay`);
  await page.getByText(m.autopay.noCards).waitFor();
  await look('no-provider');
  await page.unroute('**/v1/cards');
  await page.getByRole('button', { name: m.retry }).click();
  await expect(page.getByText(m.autopay.noCards)).toHaveCount(0);
});
