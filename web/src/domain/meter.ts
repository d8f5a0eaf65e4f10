/** Values of a dial: decimal strings, never floating point. */

/** `12.345` and `4.5` as whole thousandths; null when it is no value. */
function scaled(value: string, fraction: number): bigint | null {
  const match = /^(\d{1,12})(?:[.,](\d*))?$/.exec(value.trim());
  if (!match || (match[2] ?? '').length > fraction) return null;
  return BigInt(match[1] + (match[2] ?? '').padEnd(fraction, '0'));
}

/** What was used between two values, with a sign; null while the new one is no value. */
export function used(before: string | undefined, now: string, fraction: number): string | null {
  const places = Math.max(fraction, before?.split('.')[1]?.length ?? 0);
  const a = before === undefined ? null : scaled(before, places);
  const b = scaled(now, places);
  if (a === null || b === null) return null;
  const difference = b - a;
  const digits = String(difference < 0n ? -difference : difference).padStart(places + 1, '0');
  const text = places ? `${digits.slice(0, -places)}.${digits.slice(-places)}` : digits;
  return (difference < 0n ? '-' : '') + (places ? text.replace(/\.?0+$/, '') : text);
}

/** The exact sum of decimals, as of all zones of a meter; null when one of them is no value. */
export function total(values: (string | null)[]): string | null {
  let sum = 0n;
  for (const value of values) {
    const one = value === null ? null : scaled(value, 6);
    if (one === null) return null;
    sum += one;
  }
  const digits = String(sum).padStart(7, '0');
  return `${digits.slice(0, -6)}.${digits.slice(-6)}`.replace(/\.?0+$/, '');
}

/** The cells of the drum: digits before and after the point, zeros where nothing is typed yet. */
export function cells(typed: string, capacity: { integer: number; fraction: number }): { whole: string[]; part: string[] } {
  const [whole = '', part = ''] = typed.replace(',', '.').replace(/[^\d.]/g, '').split('.');
  return {
    whole: [...whole.slice(-capacity.integer).padStart(capacity.integer, '0')],
    part: [...part.slice(0, capacity.fraction).padEnd(capacity.fraction, '0')],
  };
}

/** A decimal string as people read it, without zeros that say nothing. */
export function shownValue(value: string, lang: 'ru' | 'en'): string {
  const text = (value.includes('.') ? value.replace(/\.?0+$/, '') : value).replace('-', '\u2212');
  return lang === 'ru' ? text.replace('.', ',') : text;
}

/** What a value is refused for before anybody is asked; the API has the last word. */
export type Wrong = 'notANumber' | 'fraction' | 'digits' | 'zero' | 'below' | 'tooHigh';

/** Consumption between two readings over which none is taken, in the meter's unit. */
const LIMIT = 1000n;

/** Why `typed` cannot stand on a dial whose value of an earlier month is `before`; null when it can. */
export function judge(typed: string, before: string | undefined, capacity: { integer: number; fraction: number }): Wrong | null {
  const match = /^(\d{1,12})(?:[.,](\d*))?$/.exec(typed.trim());
  if (!match) return 'notANumber';
  const [, whole = '', part = ''] = match;
  if (part.length > capacity.fraction) return 'fraction';
  if (whole.replace(/^0+/, '').length > capacity.integer) return 'digits';
  if (before === undefined) return null;
  if (!/[1-9]/.test(typed)) return 'zero';
  const use = used(before, typed, capacity.fraction);
  if (use?.startsWith('-')) return 'below';
  return use !== null && more(use, String(LIMIT)) ? 'tooHigh' : null;
}

/** Whether a consumption is over three times what is usual: that is a question, not a refusal. */
export function unusual(use: string | null, mean: string | null | undefined): boolean {
  const usual = mean ? scaled(mean, 6) : null;
  const now = use ? scaled(use, 6) : null;
  return usual !== null && now !== null && now > usual * 3n;
}

/** `a` > `b`, of unsigned decimals with at most six digits after the point. */
function more(a: string, b: string): boolean {
  return (scaled(a, 6) ?? 0n) > (scaled(b, 6) ?? 0n);
}
