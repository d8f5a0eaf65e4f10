import { describe, expect, test } from 'vitest';
import { broughtIn, bySupplier, cardName, cardUntil, dayIn, firstCharge, outdated, partOf, proposedLimit, why, type Paid } from './payments';

describe('automatic payments', () => {
  test.each([
    ['2026-08-25', '2026-09-25'], ['2026-11-30', '2026-12-30'], ['2026-12-31', '2027-01-31'], ['2027-01-31', '2027-02-28'],
    ['2028-01-30', '2028-02-29'], ['2027-05-31', '2027-06-30'],
  ])('a card of %s is charged first on %s', (today, expected) => expect(firstCharge(today)).toBe(expected));

  test('a short month has the day as its last, the next one has it again', () => {
    expect(dayIn('2027-02', 31)).toBe('2027-02-28');
    expect(dayIn('2027-03', 31)).toBe('2027-03-31');
    expect(dayIn('2027-03', 5)).toBe('2027-03-05');
  });

  test('a card is good through its month', () => {
    expect(outdated({ exp_year: 2026, exp_month: 12 }, '2026-12-31')).toBe(false);
    expect(outdated({ exp_year: 2026, exp_month: 12 }, '2027-01-01')).toBe(true);
    expect(cardUntil({ exp_year: 2034, exp_month: 2 })).toBe('02/34');
    expect(cardName({ brand: 'visa', last4: '4242' })).toBe('Visa\u00a0··\u00a04242');
    expect(cardName({ brand: 'diners', last4: '0004' })).toBe('Diners\u00a0··\u00a00004');
  });

  test('a limit leaves room above the largest bill', () => {
    expect(proposedLimit(1_200_000)).toBe(1_600_000);
    expect(proposedLimit(827_172)).toBe(1_150_000);
    expect(proposedLimit(0)).toBe(0);
  });

  test('reasons that mean the same to a person have the same words', () => {
    expect(why('lost_card')).toBe('card');
    expect(why('insufficient_funds')).toBe('insufficient_funds');
    expect(why('generic_decline')).toBe('declined');
    expect(why('a_word_of_tomorrow')).toBe('declined');
    expect(why('over_limit')).toBe('over_limit');
  });
});

describe('what is to be paid by supplier', () => {
  const line = (supplier: string | null, amount: number, insurance = false) => ({ supplier, total: { amount }, insurance });
  const lines = [line('Вода', 100), line('Дом', 500), line('Вода', 250), line('Страховая', 30, true), line(null, 20), line('Ноль', 0)];

  test('sums to what is to be paid, whatever former months left', () => {
    for (const toPay of [870, 5_000, 0, 100]) {
      for (const insured of [true, false]) {
        const { parts, rest } = bySupplier(lines, toPay, insured);
        expect(parts.reduce((sum, part) => sum + part.amount, rest)).toBe(toPay);
        expect(parts.some((part) => part.supplier === 'Страховая')).toBe(insured);
      }
    }
  });

  test('is one line per supplier, the largest first', () => {
    expect(bySupplier(lines, 870, false)).toEqual({ parts: [{ supplier: 'Дом', amount: 500 }, { supplier: 'Вода', amount: 350 }, { supplier: null, amount: 20 }], rest: 0 });
    expect(bySupplier(lines, 800, false).rest).toBe(-70);
  });
});

describe('sums of the history', () => {
  const paid = (status: string, parts: Record<string, number>, refunded = 0): Paid => ({
    status, refunded: { amount: refunded },
    amount: { amount: Object.values(parts).reduce((a, b) => a + b, 0) },
    items: Object.entries(parts).map(([account_number, amount]) => ({ account_number, amount: { amount } })),
  });

  test('count what came and stayed', () => {
    const all = [paid('paid', { a: 100, b: 50 }), paid('paid', { a: -30 }), paid('pending', { a: 7 }), paid('failed', { a: 9 }), paid('partly_refunded', { a: 40 }, 15), paid('refunded', { a: 60 }, 60), paid('disputed', { a: 11 })];
    expect(broughtIn(all)).toBe(145);
    expect(broughtIn(all, 'a')).toBe(95);
    expect(broughtIn(all, 'b')).toBe(50);
    expect(partOf(all[0]!, 'b')).toBe(50);
    expect(partOf(all[0]!, 'c')).toBe(0);
  });

  test('are not told where nobody can tell them', () => {
    expect(broughtIn([paid('partly_refunded', { a: 40, b: 10 }, 15)], 'a')).toBeNull();
    expect(broughtIn([paid('partly_refunded', { a: 40, b: 10 }, 15)])).toBe(35);
  });
});
