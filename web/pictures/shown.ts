/** The pictures of the main screens: what is on each, and how README and docs/web.md show them. */
export interface Picture {
  name: string;
  /** The address; `{account}` and `{payment}` are the resident's. */
  path: string;
  /** What a reader who does not see it is told. */
  about: string;
  screen?: 'desktop';
  lang?: 'en';
  theme?: 'dark';
}

export const pictures: Picture[] = [
  { name: 'home', path: '/', about: 'Home: what is to be paid, what needs attention, the accounts' },
  { name: 'readings', path: '/accounts/{account}/readings', about: 'Readings in fields like the counters of the meters' },
  { name: 'paid', path: '/payments/{payment}', about: 'A payment that is paid, with its receipt' },
  { name: 'account', path: '/accounts/{account}', about: 'An account: balance, facts, suppliers' },
  { name: 'bill', path: '/accounts/{account}/bills', about: 'A bill by service' },
  { name: 'pay', path: '/pay?account={account}', about: 'Paying: account, amount, insurance' },
  { name: 'autopay', path: '/accounts/{account}/autopay', about: 'Automatic payment: the next day and the limit' },
  { name: 'profile', path: '/profile', about: 'The profile' },
  { name: 'home-dark', path: '/', theme: 'dark', about: 'Home in the dark theme' },
  { name: 'home-en', path: '/', lang: 'en', about: 'Home in English' },
  { name: 'home-desktop', path: '/', screen: 'desktop', about: 'Home on a desktop' },
];

const BEGIN = '<!-- pictures: written by make screenshots -->';
const END = '<!-- /pictures -->';

/** `page` with the pictures that it shows, from `folder`: the first three, or all. */
export function shown(page: string, folder: string, which: 'some' | 'all'): string {
  const [before] = page.split(BEGIN);
  const [, after] = page.split(END);
  if (after === undefined) throw new Error(`there is no ${END}`);
  const chosen = which === 'some' ? pictures.slice(0, 3) : pictures;
  const lines = chosen.map(({ name, about, screen }) => `  <img src="${folder}/${name}.webp" width="${screen ? 760 : 250}" alt="${about}">`);
  return `${before}${BEGIN}\n<p>\n${lines.join('\n')}\n</p>\n${END}${after}`;
}
