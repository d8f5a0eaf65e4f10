/** What stories of payments share: accounts whose figures are known, and payments made beforehand. */
import { laterPeriod, today } from '../src/domain/dates';
import { expect, test as base, type FreeAccount, type Local, type Resident, type Shape } from './lkk';

export { expect };
export { payByCard } from './lkk';

/** Kopecks of every bill of `account`: two suppliers and voluntary insurance, to pay by the 10th. */
export const BILL = { house: 310_000, water: 66_939, insurance: 6_780, due: 376_939, whole: 383_719 };
const MONTHS = 3;

interface Given {
  /** Signed in in this browser, with a proven account that the billing has just told of. */
  payer: Resident;
  /** Proves one more such account for the payer. */
  another: () => Promise<FreeAccount>;
}

export const test = base.extend<Given>({
  payer: async ({ newcomer, local }, use) => {
    const account = await told(local, newcomer.phone, 0);
    await prove(newcomer.api, account);
    await use({ ...newcomer, account });
  },
  another: async ({ payer, local }, use) => {
    let place = 0;
    await use(async () => {
      const account = await told(local, payer.phone, (place += 1));
      await prove(payer.api, account);
      return account;
    });
  },
});

/** An account of nobody else's that the billing tells of, with the bills of the last months. */
async function told(local: Local, phone: string, place: number): Promise<FreeAccount> {
  const account_number = `${phone.slice(1)}${place}`;
  const address = `г. Примерск, ул. Образцовая, д. ${place + 1}, кв. ${Number(phone.slice(-4)) + 1}`;
  const period = laterPeriod(today(await local.now()).slice(0, 7), -1);
  await local.takeIn('accounts', [{ account_number, address, owner_name: 'Пробная Анна' }]);
  await local.takeIn('bills', Array.from({ length: MONTHS }, (_, back) => billOf(account_number, laterPeriod(period, -back))));
  return { account_number, period, amount: BILL.whole, address };
}

/** The billing's row of a bill of BILL. */
export function billOf(account_number: string, period: string): object {
  const line = (service: string, supplier: string, total: number, insurance = false) => ({ service, supplier, charged: total, total, insurance });
  const lines = [line('Содержание', 'Управляющая компания «Образец»', BILL.house), line('Холодная вода', 'Образцовый водоканал', BILL.water), line('Страхование', 'Страховая «Пример»', BILL.insurance, true)];
  return { account_number, period, to_pay: BILL.whole, charged: BILL.whole, due_on: `${laterPeriod(period, 1)}-10`, lines };
}

async function prove(api: Resident['api'], { account_number, period, amount }: FreeAccount): Promise<void> {
  const { proof_id } = await api.call<Shape['ProofOut']>('post', '/v1/account-proofs', { account_number, period, amount });
  await api.call('post', '/v1/accounts', { proof_id });
}

/** A payment begun through the API, which leads back to the cabinet. */
export function begun(payer: Resident, amount: number, more: object = {}): Promise<Shape['PaymentOut']> {
  const items = [{ account_number: payer.account.account_number, amount, with_insurance: false }];
  const return_url = `${new URL(process.env['LKK_URL'] ?? 'http://localhost:8000').origin}/payments/result`;
  return payer.api.call('post', '/v1/payments', { items, return_url, ...more });
}

/** A payment begun and paid. */
export async function paid(payer: Resident, local: Local, amount: number, more: object = {}): Promise<Shape['PaymentOut']> {
  const made = await begun(payer, amount, { confirm_repeat: true, ...more });
  expect(await local.pay(made.checkout_url ?? '')).toBe('paid');
  await expect(async () => expect((await payer.api.call<Shape['PaymentOut']>('get', `/v1/payments/${made.id}`)).status).toBe('paid')).toPass();
  return made;
}

/** A confirmed e-mail address. */
export async function withEmail(payer: Resident, local: Local): Promise<string> {
  const email = `${payer.phone.slice(1)}@mail.example`;
  await payer.api.call('patch', '/v1/me', { email });
  const token = new URL(await local.link(email), 'http://cabinet').searchParams.get('token');
  await payer.api.call('post', '/v1/email-confirmations', { token });
  return email;
}
