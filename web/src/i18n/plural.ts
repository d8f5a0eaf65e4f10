const rules = { ru: new Intl.PluralRules('ru'), en: new Intl.PluralRules('en') };

/** The Russian word for a count: один день, два дня, пять дней. */
export function ruWord(count: number, one: string, few: string, many: string): string {
  const rule = rules.ru.select(count);
  return `${count}\u00a0${rule === 'one' ? one : rule === 'few' ? few : many}`;
}

/** The English word for a count. */
export function enWord(count: number, one: string, many: string): string {
  return `${count}\u00a0${rules.en.select(count) === 'one' ? one : many}`;
}

/** Seconds to wait as whole seconds, minutes or hours, rounded up: nobody counts 2,220 seconds. */
export function waitOf(seconds: number): { count: number; unit: 'second' | 'minute' | 'hour' } {
  if (seconds <= 90) return { count: Math.max(1, Math.ceil(seconds)), unit: 'second' };
  if (seconds <= 90 * 60) return { count: Math.ceil(seconds / 60), unit: 'minute' };
  return { count: Math.ceil(seconds / 3600), unit: 'hour' };
}
