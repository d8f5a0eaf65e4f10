import { describe, expect, test } from 'vitest';
import { dayAndTime, daysBetween, day, laterPeriod, moment, period, periodsBefore, periodsBetween, shortMonth, today, waitOf } from './dates';
import { homeOf } from './address';
import { cells, judge, total, unusual, used } from './meter';
import { kopecks, money, rate, roubles, typedMoney } from './money';
import { en } from '../i18n/en';
import { ru } from '../i18n/ru';
import { maskedPhone, sentPhone, shownPhone } from './phone';

describe('money', () => {
  test('has two decimals, unbroken groups and a true minus', () => {
    expect(money(383719, 'ru')).toBe('3\u00a0837,19\u00a0₽');
    expect(money(-5, 'ru')).toBe('\u22120,05\u00a0₽');
    expect(money(383719, 'en')).toBe('₽3,837.19');
  });

  test('of a tariff keeps what is finer than a kopeck', () => {
    expect(rate('59.8', 'ru')).toBe('59,80\u00a0₽');
    expect(rate('3120.4567', 'en')).toBe('₽3,120.4567');
  });

  test('is whole roubles on an axis', () => {
    expect(roubles(1_000_000, 'ru')).toBe('10\u00a0000');
    expect(roubles(-50_000, 'en')).toBe('\u2212500');
  });

  test.each([
    ['3837,19', 383719], ['3 837.2', 383720], ['3\u00a0837,19\u00a0₽', 383719], ['12 руб.', 1200], ['0,05', 5],
    ['₽3,837.19', 383719], ['1,003,837.19', 100383719], ['3,83.19', null], ['3,8371.19', null],
    ['', null], ['1,234', null], ['abc', null], ['-5', null],
  ])('reads %j as %j', (typed, expected) => expect(kopecks(typed)).toBe(expected));

  test('comes back from an input as it went in', () => {
    for (const amount of [0, 5, 100, 383719]) expect(kopecks(typedMoney(amount, 'ru'))).toBe(amount);
  });
});

describe('phones', () => {
  test.each(['+7 900 000-01-01', '8 (900) 000-01-01', '89000000101', '9000000101', '+79000000101', ' 7 900 000 01 01'])(
    'takes %j', (typed) => {
      expect(sentPhone(typed)).toBe('+79000000101');
      expect(shownPhone(typed)).toBe('+7 900 000-01-01');
    });

  test('grows while it is typed and stays open for other countries', () => {
    expect(shownPhone('9001')).toBe('+7 900 1');
    expect(shownPhone('+375 29 1')).toBe('+375 29 1');
    expect(sentPhone('900')).toBeNull();
    expect(sentPhone('+375 29 123-45-67')).toBe('+375291234567');
    expect(sentPhone('+3')).toBeNull();
  });

  test.each(['+7 +7 900 000-01-01', '+7 8 (900) 000-01-01', '+7 89000000101', '7 7 900 000 01 01'])(
    'takes %j: a whole number after the +7 that stood there', (typed) => expect(sentPhone(typed)).toBe('+79000000101'));

  // | is the caret: before, as the browser leaves it, and after.
  test.each([
    ['8|', '+7 |'], ['+|', '+|'], ['9|', '+7 9|'], ['abc|', '|'], ['+7 9000|', '+7 900 0|'], ['+7 900 0000|', '+7 900 000-0|'],
    ['+7 95|00 000-01-01', '+7 95|0 000-00-10'], ['+7 9|00 000-01-01', '+7 9|00 000-01-01'],
    ['+7 900 5|000-01-01', '+7 900 5|00-00-10'], ['+7 900 00-0|0-01', '+7 900 000|-00-1'],
  ])('%j becomes %j while it is typed', (before, after) => {
    const caret = before.indexOf('|');
    const { text, caret: at } = maskedPhone(before.replace('|', ''), caret, false);
    expect(`${text.slice(0, at)}|${text.slice(at)}`).toBe(after);
  });

  test.each([
    ['+7|', '|'], ['+|', '+|'], ['+7 |', '|'], ['+7 900|000-01-01', '+7 900| 000-01-01'], ['+7 90| 000-01-01', '+7 90|0 000-10-1'],
    ['+7 900 000-01-0|', '+7 900 000-01-0|'],
  ])('%j becomes %j while it is deleted', (before, after) => {
    const caret = before.indexOf('|');
    const { text, caret: at } = maskedPhone(before.replace('|', ''), caret, true);
    expect(`${text.slice(0, at)}|${text.slice(at)}`).toBe(after);
  });
});

describe('addresses', () => {
  test.each([
    ['г. Светлоозёрск, ул. Яблоневая, д. 1, кв. 2', 'ул. Яблоневая, д.\u00a01, кв.\u00a02'], ['пос. Тихий, д. 5', 'пос. Тихий, д.\u00a05'], ['Дача', 'Дача'],
  ])('%j is told at home as %j', (address, home) => expect(homeOf(address)).toBe(home));
});

describe('dates', () => {
  test('are words, of Moscow', () => {
    expect(day('2026-12-10', 'ru')).toBe('10 декабря');
    expect(period('2026-11', 'ru')).toBe('ноябрь 2026');
    expect(period('2026-11', 'en')).toBe('November 2026');
    expect(moment('2026-11-22T21:30:00Z', 'ru')).toContain('23 ноября 2026');
    expect(dayAndTime('2026-11-22T21:30:00Z', 'ru')).toBe('23 ноября, 00:30');
    expect(dayAndTime('2026-11-22T21:30:00Z', 'en')).toBe('23 November, 00:30');
    expect(today(new Date('2026-11-22T21:30:00Z'))).toBe('2026-11-23');
  });

  test('count days and months', () => {
    expect(daysBetween('2026-11-28', '2026-12-02')).toBe(4);
    expect(periodsBefore('2026-01-15', 2)).toEqual(['2025-12', '2025-11']);
    expect(laterPeriod('2026-11', 2)).toBe('2027-01');
    expect(laterPeriod('2026-01', -13)).toBe('2024-12');
    expect(periodsBetween('2025-12', '2026-02')).toEqual(['2025-12', '2026-01', '2026-02']);
    expect(periodsBetween('2026-02', '2026-01')).toEqual([]);
  });

  test('have three letters under a chart', () => {
    for (let month = 1; month <= 12; month += 1) for (const lang of ['ru', 'en'] as const) expect(shortMonth(`2026-${String(month).padStart(2, '0')}`, lang)).toMatch(/^\p{L}{3}$/u);
  });
});

describe('meters', () => {
  test('consumption is exact and signed', () => {
    expect(used('120.500', '120,8', 3)).toBe('0.3');
    expect(used('10', '9', 0)).toBe('-1');
    expect(used('10', '20', 0)).toBe('10');
    expect(used('1.1', 'x', 3)).toBeNull();
  });

  const dial = { integer: 5, fraction: 3 };
  test.each([
    ['120,5', '108.006', null], ['120.500', '108.006', null], ['108.006', '108.006', null], ['00120', '108', null], ['0', undefined, null], ['7', undefined, null],
    ['abc', '1', 'notANumber'], ['-5', '1', 'notANumber'], ['1 200', '1', 'notANumber'], ['', '1', 'notANumber'], ['1,2345', '1', 'fraction'],
    ['123456', '1', 'digits'], ['0', '5', 'zero'], ['0,000', '0', 'zero'], ['107', '108.006', 'below'], ['1108.007', '108.006', 'tooHigh'], ['1108.006', '108.006', null],
  ])('%j after %j is judged %j', (typed, before, expected) => expect(judge(typed, before, dial)).toBe(expected));

  test('over three times the usual is unusual, three times is not', () => {
    expect(unusual('30.001', '10.000')).toBe(true);
    expect(unusual('30', '10')).toBe(false);
    expect(unusual('30', null)).toBe(false);
    expect(unusual(null, '10')).toBe(false);
    expect(unusual('-40', '10')).toBe(false);
  });

  test.each([
    [['0.1', '0.2'], '0.3'], [['12.494'], '12.494'], [['100', '20'], '120'], [['0.000', '0.000'], '0'], [['1', null], null], [[], '0'],
  ])('%j sum up to %j', (values, expected) => expect(total(values)).toBe(expected));

  test('the drum keeps its zeros', () => {
    expect(cells('12,5', { integer: 5, fraction: 3 })).toEqual({ whole: [...'00012'], part: [...'500'] });
  });
});

describe('waits', () => {
  test.each([
    [0, 'через 1 секунду', 'in 1 second'], [45, 'через 45 секунд', 'in 45 seconds'], [300, 'через 5 минут', 'in 5 minutes'],
    [2_221, 'через 38 минут', 'in 38 minutes'], [86_000, 'через 24 часа', 'in 24 hours'],
  ])('of %j seconds are told in words', (seconds, russian, english) => {
    expect(ru.wait(waitOf(seconds)).replaceAll('\u00a0', ' ')).toBe(russian);
    expect(en.wait(waitOf(seconds)).replaceAll('\u00a0', ' ')).toBe(english);
  });
});
