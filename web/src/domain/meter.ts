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
