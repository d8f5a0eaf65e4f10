/** Money is whole kopecks, as in the API. */
import type { Lang } from '../i18n/texts';
import { numberFormat } from './formats';

/** `1 234,56 ₽`: always two decimals, groups that do not break, a true minus. */
export function money(kopecks: number, lang: Lang): string {
  return numberFormat(lang, { style: 'currency', currency: 'RUB', currencyDisplay: 'narrowSymbol' })
    .format(kopecks / 100)
    .replace('-', '\u2212');
}

/** `3 120,45 ₽` of `3120.45`: a tariff, which may have more than two decimals but no fewer. */
export function rate(value: string, lang: Lang): string {
  return numberFormat(lang, { style: 'currency', currency: 'RUB', currencyDisplay: 'narrowSymbol', maximumFractionDigits: 6 }).format(Number(value));
}

/** `8 000`: whole roubles without the sign, for the axis of a chart. */
export function roubles(kopecks: number, lang: Lang): string {
  return numberFormat(lang, { maximumFractionDigits: 0 }).format(Math.round(kopecks / 100)).replace('-', '\u2212');
}

/** Kopecks of what a person typed or pasted (`3 837,19 ₽`, `3837.2`, `₽3,837.19`); null when it is no amount. */
export function kopecks(typed: string): number | null {
  const plain = typed.replace(/[\s\u00a0\u202f]|₽|руб\.?|р\.?$/g, '').replace(/,(?=\d{3}(,\d{3})*\.)/g, '').replace(',', '.');
  const match = /^(\d{1,9})(?:\.(\d{0,2}))?$/.exec(plain);
  if (!match) return null;
  return Number(match[1]) * 100 + Number((match[2] ?? '').padEnd(2, '0'));
}

/** An amount as it stands in an input: `3837,19`. */
export function typedMoney(amount: number, lang: Lang): string {
  const text = `${Math.floor(amount / 100)}.${String(amount % 100).padStart(2, '0')}`;
  return lang === 'ru' ? text.replace('.', ',') : text;
}
