/** Every page that is audited: a new one is a line here. A test holds the list to `src/pages/index.ts`. */
export type Who = 'stranger' | 'newcomer' | 'guided' | 'resident' | 'landlord';

export interface Audited {
  /** The address; `{account}` and `{payment}` are the resident's. */
  path: string;
  /** Signed out; signed in without an account, in the newcomer's guide or not; with an account, a payment, a card; with two accounts. */
  who: Who;
  /** Which of several states of the address. */
  state?: string;
  /** What it shows is a refusal of the API, about which Chromium writes a line into the console. */
  refused?: true;
}

export const pages: Audited[] = [
  { path: '/sign-in', who: 'stranger' },
  { path: '/reset-password', who: 'stranger' },
  { path: '/reset-password?token=from-a-letter', who: 'stranger', state: 'new password' },
  { path: '/confirm-email?token=used', who: 'stranger', state: 'used link', refused: true },
  { path: '/reset-password/new', who: 'newcomer' },
  { path: '/lost-access', who: 'stranger' },
  { path: '/welcome/account', who: 'guided' },
  { path: '/welcome/person', who: 'guided' },
  { path: '/welcome/password', who: 'guided' },
  { path: '/', who: 'newcomer', state: 'no account yet' },
  { path: '/', who: 'resident' },
  { path: '/accounts/add', who: 'newcomer' },
  { path: '/accounts/apply', who: 'newcomer' },
  { path: '/accounts/{account}', who: 'resident' },
  { path: '/accounts/{account}/bills', who: 'resident' },
  { path: '/accounts/{account}/readings', who: 'resident' },
  { path: '/accounts/{account}/readings/history', who: 'resident' },
  { path: '/readings', who: 'landlord' },
  { path: '/accounts/{account}/nowhere', who: 'resident', state: 'no such page' },
  { path: '/pay?account={account}', who: 'resident' },
  { path: '/payments', who: 'resident' },
  { path: '/payments', who: 'newcomer', state: 'none yet' },
  { path: '/payments/result?payment_id={payment}', who: 'resident' },
  { path: '/payments/{payment}', who: 'resident' },
  { path: '/payments/help', who: 'resident' },
  { path: '/payments/autopay', who: 'resident' },
  { path: '/accounts/{account}/autopay', who: 'resident' },
  { path: '/cards', who: 'resident' },
  { path: '/profile', who: 'resident' },
  { path: '/profile/person', who: 'resident' },
  { path: '/profile/phone', who: 'resident' },
  { path: '/profile/email', who: 'resident' },
  { path: '/profile/password', who: 'resident' },
  { path: '/profile/devices', who: 'resident' },
  { path: '/profile/notifications', who: 'resident' },
  { path: '/profile/consents', who: 'resident' },
];

/** What a page is called in the report: its address without values, and the state. */
export function called({ path, state }: Audited): string {
  const address = path.split('?')[0] ?? '';
  return state ? `${address} (${state})` : address;
}

export interface Measured {
  page: string;
  theme: 'light' | 'dark';
  /** CSS pixels: Lighthouse's phone, throttled, or its desktop. */
  width: 412 | 1350;
  performance: number;
  accessibility: number;
  best_practices: number;
  axe_violations: number;
}

/** What is asked for, of 100. */
export const LEAST = { performance: 98, accessibility: 100, best_practices: 100 } as const;
export const THEMES = ['light', 'dark'] as const;
export const WIDTHS = [412, 1350] as const;
