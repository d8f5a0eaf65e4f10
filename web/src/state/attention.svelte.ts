/** What a resident should look at now: the accounts with their balances, meters that are due, the e-mail, automatic payments. */
import { api, call, type Shape } from '../api/client';
import { accountName } from '../domain/address';
import { clock } from './clock';
import { kept } from './kept';
import { session } from './session.svelte';

type Account = Shape['AccountOut'];

/** Over how many accounts' meters are asked after: beyond, each account's page tells. */
const LOOKED_AT = 20;
const SEVERAL = 'lkk.several';

class AttentionState {
  accounts = $state.raw<Shape['AccountsOut'] | null>(null);
  me = $state.raw<Shape['Me'] | null>(null);
  /** How many meters await a reading, by account; only of windows that are open. */
  due = $state.raw<Record<string, number>>({});
  /** Automatic payments that need a person, by account. */
  autopay = $state.raw<Record<string, Shape['AutopaymentOut']>>({});
  /** Whether the two above are known for these accounts, or could not be. */
  looked = $state(false);
  #newest = 0;
  #running = 0;

  readonly verified = $derived(this.accounts?.items.filter((each) => each.verified) ?? []);
  readonly owing = $derived(this.verified.filter((each) => (each.balance?.to_pay.amount ?? 0) > 0));
  readonly unproven = $derived(this.accounts?.items.filter((each) => !each.verified) ?? []);
  readonly toRead = $derived(this.verified.filter((each) => this.due[each.account_number]));
  readonly overdue = $derived(this.owing.filter((each) => each.bill_due_on && each.bill_due_on < clock.today()));
  readonly emailOpen = $derived(!!this.me?.email && !this.me.email_confirmed);

  /** Whether it is being looked for now. */
  get busy(): boolean {
    return this.#running > 0;
  }

  /** Two calls, and one more per account whose readings are open or whose automatic payment is not at rest. Throws Failure. */
  async load(): Promise<void> {
    this.#running += 1;
    try {
      await this.#load();
    } finally {
      this.#running -= 1;
    }
  }

  async #load(): Promise<void> {
    const mine = (this.#newest += 1);
    const [accounts, me] = await Promise.all([call(api.GET('/v1/accounts', { params: { query: { limit: 200 } } })), call(api.GET('/v1/me'))]);
    if (mine !== this.#newest) return;
    this.accounts = accounts;
    this.me = me;
    try { localStorage.setItem(SEVERAL, accounts.items.length > 1 ? '1' : '0'); } catch { /* private mode: no room is kept */ }
    const looked = accounts.items.filter((each) => each.verified).slice(0, LOOKED_AT);
    try {
      const [due, autopay] = await Promise.all([
        byNumber(looked.filter((each) => each.reading_window?.open), metersDue),
        byNumber(looked.filter((each) => ['active', 'paused', 'waiting_for_card'].includes(each.autopayment ?? '')), troubled),
      ]);
      if (mine !== this.#newest) return;
      this.due = due;
      this.autopay = autopay;
    } finally {
      if (mine === this.#newest) this.looked = true;
    }
  }

  /** Whether there were several accounts the last time, as far as this device knows: room is kept for them. */
  get several(): boolean {
    try { return localStorage.getItem(SEVERAL) === '1'; } catch { return false; }
  }

  forget(): void {
    this.#newest += 1;
    this.accounts = this.me = null;
    this.due = this.autopay = {};
    this.looked = false;
  }
}

async function byNumber<T>(accounts: Account[], look: (account: Account) => Promise<T | null>): Promise<Record<string, T>> {
  const found = await Promise.all(accounts.map(async (each) => [each.account_number, await look(each)] as const));
  return Object.fromEntries(found.filter((each): each is readonly [string, Awaited<T>] => each[1] !== null));
}

/** The meters that await a reading; all of them are kept for times without a connection. */
async function metersDue(account: Account): Promise<number | null> {
  const number = account.account_number;
  const { items } = await call(api.GET('/v1/accounts/{account_number}/meters', { params: { path: { account_number: number }, query: { limit: 200 } } }));
  const client = session.client?.id;
  if (client) void kept.keepMeters({ client, number, name: accountName(account, ({ number }) => number), meters: items });
  return items.filter((each) => each.submit.needed && each.status === 'ok').length || null;
}

async function troubled(account: Account): Promise<Shape['AutopaymentOut'] | null> {
  const found = await call(api.GET('/v1/accounts/{account_number}/autopayment', { params: { path: { account_number: account.account_number } } }));
  const last = found.last_result;
  const bad = last && (last.status === 'failed' || (last.status === 'skipped' && last.reason === 'over_limit'));
  return found.status === 'active' && !bad ? null : found;
}

export const attention = new AttentionState();
