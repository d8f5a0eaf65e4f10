/** A bill's lines as people look at them: by supplier, narrowed to a word. Amounts are kopecks. */
import type { components } from '../api/schema';

export type Line = components['schemas']['BillLineOut'];

export interface Group { supplier: string | null; total: number; lines: Line[] }

/** Lines by who supplies them, in the order in which suppliers first appear. */
export function bySupplier(lines: Line[]): Group[] {
  const groups = new Map<string | null, Group>();
  for (const line of lines) {
    const group = groups.get(line.supplier) ?? { supplier: line.supplier, total: 0, lines: [] };
    group.lines.push(line);
    group.total += line.total.amount;
    groups.set(line.supplier, group);
  }
  return [...groups.values()];
}

/** What the lines come to. */
export function sumOf(lines: Line[]): number {
  return lines.reduce((sum, line) => sum + line.total.amount, 0);
}

/** Lines whose service or supplier has every typed word in it; all of them for nothing typed. */
export function found(lines: Line[], typed: string): Line[] {
  const words = plain(typed).split(/\s+/).filter(Boolean);
  return lines.filter((line) => words.every((word) => plain(`${line.service} ${line.supplier ?? ''}`).includes(word)));
}

/** `ё` is often typed as `е`. */
const plain = (text: string) => text.toLocaleLowerCase('ru').replaceAll('ё', 'е').trim();

export type Extra = 'benefit' | 'recalculation' | 'penalty';

/** What changed the charge, with the sign that it has in the total: a benefit takes away. */
export function extras(line: Line): { name: Extra; amount: number }[] {
  return [
    { name: 'benefit', amount: line.benefit.amount ? -line.benefit.amount : 0 },
    { name: 'recalculation', amount: line.recalculation.amount },
    { name: 'penalty', amount: line.penalty.amount },
  ];
}

/** Why there is no bill of `month`: it may still come, or there was none. `periods`: those that have one. */
export function missing(month: string, periods: string[], present: string): 'later' | 'none' {
  const newest = [...periods].sort().at(-1);
  return month >= present || (newest !== undefined && month > newest) ? 'later' : 'none';
}
