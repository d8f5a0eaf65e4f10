/** Which page stands at which address; each comes with a load of its own. */
import type { Component } from 'svelte';

// Pages take what their pattern captures.
type Page = { default: Component<any> };
interface Route {
  pattern: RegExp;
  load: () => Promise<Page>;
  /** Also for those who are not signed in. */
  open?: boolean;
  /** Also without a connection. */
  offline?: boolean;
  /** What the page itself goes along with when it changes: it stays, with its focus. */
  follows?: string;
}

const ACCOUNT = '/accounts/(?<number>[0-9]{6,20})';
export const routes: Route[] = [
  { pattern: /^\/$/, load: () => import('./Home.svelte') },
  { pattern: /^\/sign-in$/, load: () => import('./sign-in/SignIn.svelte'), open: true },
  { pattern: /^\/confirm-email$/, load: () => import('./EmailConfirmed.svelte'), open: true },
  { pattern: /^\/reset-password$/, load: () => import('./reset/Reset.svelte'), open: true },
  { pattern: /^\/reset-password\/new$/, load: () => import('./reset/ByCode.svelte') },
  { pattern: /^\/lost-access$/, load: () => import('./LostAccess.svelte'), open: true },
  { pattern: /^\/welcome(?:\/(?<step>account|person|password|done))?$/, load: () => import('./welcome/Welcome.svelte') },
  { pattern: /^\/accounts\/add$/, load: () => import('./prove/Prove.svelte') },
  { pattern: /^\/accounts\/apply$/, load: () => import('./Apply.svelte') },
  { pattern: new RegExp(`^${ACCOUNT}$`), load: () => import('./account/Account.svelte') },
  { pattern: new RegExp(`^${ACCOUNT}/bills(?:/(?<month>20\\d\\d-\\d\\d))?$`), load: () => import('./bill/Bill.svelte'), follows: 'month' },
  { pattern: new RegExp(`^${ACCOUNT}/readings$`), load: () => import('./Readings.svelte'), offline: true },
  { pattern: new RegExp(`^${ACCOUNT}/readings/history$`), load: () => import('./ReadingHistory.svelte') },
  { pattern: /^\/readings$/, load: () => import('./ToSubmit.svelte') },
  { pattern: new RegExp(`^${ACCOUNT}/autopay$`), load: () => import('./paying/Autopay.svelte') },
  { pattern: /^\/pay$/, load: () => import('./paying/Pay.svelte') },
  { pattern: /^\/payments$/, load: () => import('./paying/Payments.svelte') },
  { pattern: /^\/payments\/(?<id>pay_[0-9a-f]{32})$/, load: () => import('./paying/Result.svelte') },
  { pattern: /^\/payments\/result$/, load: () => import('./paying/Result.svelte') },
  { pattern: /^\/payments\/autopay$/, load: () => import('./paying/Autopayments.svelte') },
  { pattern: /^\/payments\/help$/, load: () => import('./paying/Help.svelte') },
  { pattern: /^\/cards$/, load: () => import('./paying/Cards.svelte') },
  { pattern: /^\/profile(?:\/(?<section>person|phone|email|password|devices|notifications|consents))?$/, load: () => import('./profile/Profile.svelte') },
];

/** `key` is the same as long as the page stays. */
export interface Found { load: () => Promise<Page>; params: Record<string, string>; open: boolean; offline: boolean; key: string }

export function pageOf(path: string): Found {
  for (const route of routes) {
    const match = route.pattern.exec(path);
    if (!match) continue;
    const params: Record<string, string> = { ...match.groups };
    const key = route.follows ? JSON.stringify({ ...params, [route.follows]: route.pattern.source }) : path;
    return { load: route.load, params, open: route.open ?? false, offline: route.offline ?? false, key };
  }
  return { load: () => import('./NotFound.svelte'), params: {}, open: true, offline: true, key: path };
}

/** What is shown instead of a page that needs a connection. */
export const offlinePage = (): Promise<Page> => import('./Offline.svelte');
