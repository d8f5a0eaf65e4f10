import { describe, expect, test } from 'vitest';
import { bySupplier, extras, found, missing, sumOf, type Line } from './bill';

const roubles = (amount: number) => ({ amount, currency: 'RUB' });
const line = (service: string, supplier: string | null, total: number, more: Partial<Line> = {}): Line => ({
  service, supplier, volume: null, unit: null, tariff: null, individual: null, common: null, insurance: false,
  charged: roubles(total), benefit: roubles(0), recalculation: roubles(0), penalty: roubles(0), total: roubles(total), ...more,
});
const lines = [line('Отопление', 'Тепло', 300), line('Вода', 'Водоканал', 100), line('Горячая вода', 'Тепло', -50), line('Домофон', null, 65)];

describe('a bill', () => {
  test('by supplier keeps every line and every kopeck', () => {
    const groups = bySupplier(lines);

    expect(groups.map((group) => [group.supplier, group.total, group.lines.length])).toEqual([['Тепло', 250, 2], ['Водоканал', 100, 1], [null, 65, 1]]);
    expect(groups.reduce((sum, group) => sum + group.total, 0)).toBe(sumOf(lines));
  });

  test.each([
    ['', 4], ['вода', 2], ['ТЕПЛО', 2], ['тепло вода', 1], ['водоканал', 1], ['  домоф ', 1], ['газ', 0],
  ])('narrowed to %j has %j lines', (typed, count) => expect(found(lines, typed)).toHaveLength(count));

  test('is searched by е where ё stands', () => expect(found([line('Счётчики', null, 1)], 'счетчик')).toHaveLength(1));

  test('has extras that make the charge the total', () => {
    const odd = line('Вода', null, 975, { charged: roubles(1000), benefit: roubles(100), recalculation: roubles(50), penalty: roubles(25) });

    expect(extras(odd).map((each) => each.amount)).toEqual([-100, 50, 25]);
    expect(odd.charged.amount + extras(odd).reduce((sum, each) => sum + each.amount, 0)).toBe(odd.total.amount);
  });

  test.each([
    ['2026-11', ['2026-10', '2026-09'], 'later'], ['2026-12', ['2026-10'], 'later'], ['2026-08', ['2026-10', '2026-09'], 'none'],
    ['2026-11', [], 'later'], ['2026-10', [], 'none'], ['2026-10', ['2026-09'], 'later'],
  ] as const)('of %j beside %j is missing as %j', (month, periods, why) => expect(missing(month, [...periods], '2026-11')).toBe(why));
});
