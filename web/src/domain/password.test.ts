import { describe, expect, test } from 'vitest';
import { keeps, rulesOf, type Policy } from './password';

const resident: Policy = { minimum_length: 6, letters_and_digits_only: true, no_repeated_digits: true };
const strong: Policy = { minimum_length: 12, letters_and_digits_only: false, no_repeated_digits: false };
const broken = (password: string, policy: Policy) => rulesOf(policy).filter((rule) => !keeps(password, rule, policy));

describe('a new password', () => {
  // The same cases as tests/rules/test_passwords.py: what ticks here is what the server takes.
  test.each([
    ['Sosna7', []], ['слон12', []], ['aabbcc', []], ['a1b1c1', []],
    ['sosn7', ['password_too_short']], ['sosna7!', ['password_characters']], ['so sna7', ['password_characters']],
    ['sosna77', ['password_repeated_digits']], ['1 1', ['password_too_short', 'password_characters']],
    ['-11', ['password_too_short', 'password_characters', 'password_repeated_digits']],
    ['и\u0306ожик', ['password_too_short']], ['и\u0306ожик1', []],
  ])('of a resident: %j breaks %j', (password, expected) => expect(broken(password, resident)).toEqual(expected));

  test('of the strong policy is a matter of length alone', () => {
    expect(broken('1111 !!!! 2222', strong)).toEqual([]);
    expect(broken('sosna7!', strong)).toEqual(['password_too_short']);
  });

  test('that is empty keeps no rule yet', () => expect(broken('', resident)).toEqual(rulesOf(resident)));
});
