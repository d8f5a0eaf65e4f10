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
