/** What pages of payments work out: the day of automatic payments, parts of a sum, words for reasons. */
import { laterPeriod } from './dates';

/** Kopecks of one account that paying in full takes, with voluntary insurance or without. */
export interface Owing { balance?: { to_pay: { amount: number }; to_pay_without_insurance: { amount: number } } | null }

export function owed(account: Owing | undefined, insured: boolean): number {
  const balance = account?.balance;
  return (insured ? balance?.to_pay.amount : balance?.to_pay_without_insurance.amount) ?? 0;
}

/** `day` of `month`, or the month's last day when it has no such day. */
export function dayIn(month: string, day: number): string {
  const [year = 0, number = 1] = month.split('-').map(Number);
  const last = new Date(Date.UTC(year, number, 0)).getUTCDate();
  return `${month}-${String(Math.min(day, last)).padStart(2, '0')}`;
}

/** When a card that is confirmed on `today` is charged first: in the next month, on the same day of it. */
export function firstCharge(today: string): string {
  return dayIn(laterPeriod(today.slice(0, 7), 1), dayOf(today));
}

export function dayOf(date: string): number {
  return Number(date.slice(8, 10));
}

export interface Line { supplier: string | null; total: { amount: number }; insurance: boolean }

/**
 * What is to be paid by supplier, largest first; null: none is named. `rest` is what former months
 * left (a debt above zero; an advance, or what is paid already, below), so all sums to `toPay`.
 */
export function bySupplier(lines: Line[], toPay: number, insured: boolean): { parts: { supplier: string | null; amount: number }[]; rest: number } {
  const sums = new Map<string | null, number>();
  for (const line of lines) if (insured || !line.insurance) sums.set(line.supplier, (sums.get(line.supplier) ?? 0) + line.total.amount);
  const parts = [...sums].map(([supplier, amount]) => ({ supplier, amount })).filter((part) => part.amount).sort((a, b) => b.amount - a.amount);
  return { parts, rest: toPay - parts.reduce((sum, part) => sum + part.amount, 0) };
}

export interface Paid {
  status: string;
  amount: { amount: number };
  refunded: { amount: number };
  items: { account_number: string; amount: { amount: number } }[];
}

/** What of a payment is for one account; all of it when none is named. */
export function partOf(payment: Paid, account?: string): number {
  return account ? (payment.items.find((item) => item.account_number === account)?.amount.amount ?? 0) : payment.amount.amount;
}

/**
 * Kopecks that payments brought, what went back taken off. Null when that cannot be told: of a
 * payment for several accounts that went back in part, nobody says whose part it was.
 */
export function broughtIn(payments: Paid[], account?: string): number | null {
  let sum = 0;
  for (const payment of payments) {
    if (account && !payment.items.some((item) => item.account_number === account)) continue;
    if (payment.status === 'paid') sum += partOf(payment, account);
    if (payment.status !== 'partly_refunded') continue;
    if (account && payment.items.length > 1) return null;
    sum += payment.amount.amount - payment.refunded.amount;
  }
  return sum;
}

export const WHYS = ['insufficient_funds', 'expired_card', 'authentication_required', 'card', 'details', 'provider', 'over_limit', 'nothing_to_pay', 'account_not_verified', 'card_removed', 'amount', 'declined'] as const;
export type Why = (typeof WHYS)[number];

// https://docs.stripe.com/declines/codes: what the bank means, in as many words as a person needs.
const SAME: Record<string, Why> = {
  authentication_not_handled: 'authentication_required', payment_intent_authentication_failure: 'authentication_required',
  offline_pin_required: 'authentication_required', online_or_offline_pin_required: 'authentication_required',
  withdrawal_count_limit_exceeded: 'insufficient_funds', card_velocity_exceeded: 'insufficient_funds',
  incorrect_cvc: 'details', incorrect_number: 'details', invalid_cvc: 'details', invalid_number: 'details',
  invalid_expiry_month: 'details', invalid_expiry_year: 'details',
  lost_card: 'card', stolen_card: 'card', pickup_card: 'card', restricted_card: 'card', card_not_supported: 'card', invalid_account: 'card',
  fraudulent: 'card', merchant_blacklist: 'card', new_account_information_available: 'card', payment_method_unexpected_state: 'card',
  resource_missing: 'card', revocation_of_all_authorizations: 'card', revocation_of_authorization: 'card', security_violation: 'card',
  stop_payment_order: 'card', transaction_not_allowed: 'card',
  processing_error: 'provider', provider_unavailable: 'provider', issuer_not_available: 'provider', try_again_later: 'provider', reenter_transaction: 'provider',
  amount_too_large: 'amount', amount_too_small: 'amount', invalid_amount: 'amount', currency_not_supported: 'amount',
};

/** The word of our texts for a reason of the API; one that is not known is the bank's own business. */
export function why(reason: string): Why {
  return SAME[reason] ?? WHYS.find((known) => known === reason) ?? 'declined';
}

/** `Visa ·· 4242`. */
export function cardName(card: { brand: string; last4: string }): string {
  const known: Record<string, string> = { visa: 'Visa', mastercard: 'Mastercard', mir: 'Мир', amex: 'American Express', unionpay: 'UnionPay', maestro: 'Maestro' };
  return `${known[card.brand] ?? card.brand.charAt(0).toUpperCase() + card.brand.slice(1)}\u00a0··\u00a0${card.last4}`;
}

/** `12/34`, as it stands on the card. */
export function cardUntil(card: { exp_year: number; exp_month: number }): string {
  return `${String(card.exp_month).padStart(2, '0')}/${String(card.exp_year % 100).padStart(2, '0')}`;
}

/** Whether a card is out of date on a day; it is good through the month that it names. */
export function outdated(card: { exp_year: number; exp_month: number }, on: string): boolean {
  return `${card.exp_year}-${String(card.exp_month).padStart(2, '0')}` < on.slice(0, 7);
}

/** A limit to propose: a third above the largest bill, up to a whole 500 roubles. */
export function proposedLimit(largest: number): number {
  return Math.ceil((largest * 4) / 3 / 50_000) * 50_000;
}
