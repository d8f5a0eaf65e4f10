/** The browser's formats of numbers and dates, each made once: making one takes longer than using it a hundred times. */
import type { Lang } from '../i18n/texts';

const numbers = new Map<string, Intl.NumberFormat>();
const dates = new Map<string, Intl.DateTimeFormat>();
const LOCALE: Record<Lang | 'sv', string> = { ru: 'ru', en: 'en-GB', sv: 'sv' };

/** A format of numbers, in the language of the page. */
export function numberFormat(lang: Lang, options: Intl.NumberFormatOptions = {}): Intl.NumberFormat {
  return known(numbers, lang + JSON.stringify(options), () => new Intl.NumberFormat(lang, options));
}

/** A format of dates; `sv` gives the digits of ISO 8601. */
export function dateFormat(lang: Lang | 'sv', options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  return known(dates, lang + JSON.stringify(options), () => new Intl.DateTimeFormat(LOCALE[lang], options));
}

/** Names after a word that says that there is none: «Без А, Б и В», “No A, B or C”. */
export function noneOf(names: string[], lang: Lang): string {
  return new Intl.ListFormat(lang, { type: lang === 'ru' ? 'conjunction' : 'disjunction' }).format(names);
}

function known<T>(all: Map<string, T>, key: string, make: () => T): T {
  const found = all.get(key) ?? make();
  all.set(key, found);
  return found;
}
