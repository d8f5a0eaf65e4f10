/** A resident who has been here for a while: for the audit and the pictures. */
import { expect } from '@playwright/test';
import { prove, type Api, type FreeAccount, type Local, type Shape } from './lkk';

const CARD = '4242424242424242';
/** Kopecks. */
const PAID = 150_000;
const LIMIT = 2_500_000;

/** Prove `free`, confirm an e-mail, pay a part of the bill, let a saved card pay from now on. */
export async function settle(api: Api, local: Local, free: FreeAccount): Promise<{ account: string; payment: string }> {
  const { account_number } = free;
  await prove(api, free);
  const email = `anna-${crypto.randomUUID().slice(0, 8)}@example.com`;
  await api.call('patch', '/v1/me', { email, first_name: 'Анна', last_name: 'Соколова' });
  const link = new URL(await local.link(email), 'http://localhost');
  await api.call('post', '/v1/email-confirmations', { token: link.searchParams.get('token') });
  const return_url = `${process.env['LKK_URL']}/payments/result`;
  const payment = await api.call<Shape['PaymentOut']>('post', '/v1/payments', { items: [{ account_number, amount: PAID }], return_url, confirm_repeat: true });
  expect(await local.pay(payment.checkout_url ?? '', { card: CARD })).toBe('paid');
  const waiting = await api.call<Shape['AutopaymentOut']>('put', `/v1/accounts/${account_number}/autopayment`, { up_to: LIMIT, return_url });
  expect(await local.pay(waiting.setup_url ?? '', { card: CARD })).toBe('paid');
  await local.idle();
  return { account: account_number, payment: payment.id };
}
