/** Which page stands at which address; each comes with a load of its own, and so do its words. */
import type { Component } from 'svelte';
import type { Subject } from '../i18n/texts';

// Pages take what their pattern captures.
type Page = { default: Component<any> };
interface Route {
  pattern: RegExp;
  load: () => Promise<Page>;
  /** The words it needs beside those of the first load: `texts.test.ts` compares. */
  texts: Subject[];
  /** Also for those who are not signed in. */
  open?: boolean;
  /** Shown while the session of the last visit is gone on with: its calls wait for that, and it asks nobody's name. */
  early?: boolean;
  /** Also without a connection. */
  offline?: boolean;
  /** What the page itself goes along with when it changes: it stays, with its focus. */
  follows?: string;
}

const ACCOUNT = '/accounts/(?<number>[0-9]{6,20})';
export const routes: Route[] = [
  { pattern: /^\/$/, load: () => import('./Home.svelte'), texts: [], early: true },
  { pattern: /^\/sign-in$/, load: () => import('./sign-in/SignIn.svelte'), texts: ['entering'], open: true },
  { pattern: /^\/confirm-email$/, load: () => import('./EmailConfirmed.svelte'), texts: ['entering'], open: true },
  { pattern: /^\/reset-password$/, load: () => import('./reset/Reset.svelte'), texts: ['entering'], open: true },
  { pattern: /^\/reset-password\/new$/, load: () => import('./reset/ByCode.svelte'), texts: ['entering'] },
  { pattern: /^\/lost-access$/, load: () => import('./LostAccess.svelte'), texts: ['entering'], open: true },
  { pattern: /^\/welcome(?:\/(?<step>account|person|password|done))?$/, load: () => import('./welcome/Welcome.svelte'), texts: ['entering', 'proving'] },
  { pattern: /^\/accounts\/add$/, load: () => import('./prove/Prove.svelte'), texts: ['proving'] },
  { pattern: /^\/accounts\/apply$/, load: () => import('./Apply.svelte'), texts: ['entering', 'proving'] },
  { pattern: new RegExp(`^${ACCOUNT}$`), load: () => import('./account/Account.svelte'), texts: [], early: true },
  { pattern: new RegExp(`^${ACCOUNT}/bills(?:/(?<month>20\\d\\d-(?:0[1-9]|1[0-2])))?$`), load: () => import('./bill/Bill.svelte'), texts: ['bill'], early: true, follows: 'month' },
  { pattern: new RegExp(`^${ACCOUNT}/readings$`), load: () => import('./Readings.svelte'), texts: ['readings'], early: true, offline: true },
  { pattern: new RegExp(`^${ACCOUNT}/readings/history$`), load: () => import('./ReadingHistory.svelte'), texts: ['readings'], early: true },
  { pattern: /^\/readings$/, load: () => import('./ToSubmit.svelte'), texts: ['readings'], early: true },
  { pattern: new RegExp(`^${ACCOUNT}/autopay$`), load: () => import('./paying/Autopay.svelte'), texts: ['paying'], early: true },
  { pattern: /^\/pay$/, load: () => import('./paying/Pay.svelte'), texts: ['paying'], early: true },
  { pattern: /^\/payments$/, load: () => import('./paying/Payments.svelte'), texts: ['paying'], early: true },
  { pattern: /^\/payments\/(?<id>pay_[0-9a-f]{32})$/, load: () => import('./paying/Result.svelte'), texts: ['paying'], early: true },
  { pattern: /^\/payments\/result$/, load: () => import('./paying/Result.svelte'), texts: ['paying'], early: true },
  { pattern: /^\/payments\/autopay$/, load: () => import('./paying/Autopayments.svelte'), texts: ['paying'], early: true },
  { pattern: /^\/payments\/help$/, load: () => import('./paying/Help.svelte'), texts: ['paying'], early: true },
  { pattern: /^\/cards$/, load: () => import('./paying/Cards.svelte'), texts: ['paying'], early: true },
  { pattern: /^\/profile(?:\/(?<section>person|phone|email|password|devices|notifications|consents))?$/, load: () => import('./profile/Profile.svelte'), texts: ['entering', 'profile'] },
];

/** `key` is the same as long as the page stays. */
export interface Found { load: () => Promise<Page>; texts: Subject[]; params: Record<string, string>; open: boolean; early: boolean; offline: boolean; key: string }

export function pageOf(path: string): Found {
  for (const route of routes) {
    const match = route.pattern.exec(path);
    if (!match) continue;
    const params: Record<string, string> = { ...match.groups };
    const key = route.follows ? JSON.stringify({ ...params, [route.follows]: route.pattern.source }) : path;
    return { load: route.load, texts: route.texts, params, open: route.open ?? false, early: route.early ?? false, offline: route.offline ?? false, key };
  }
  return { load: () => import('./NotFound.svelte'), texts: [], params: {}, open: true, early: false, offline: true, key: path };
}

/** What is shown instead of a page that needs a connection. */
export const offlinePage: Pick<Found, 'load' | 'texts'> = { load: () => import('./Offline.svelte'), texts: ['readings'] };
