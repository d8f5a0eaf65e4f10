/** The rules of a new password that can be told while it is typed; the server judges again. */
import type { components } from '../api/schema';

export type Policy = components['schemas']['PasswordPolicyOut'];
/** The server's word for each rule, as its refusals name it. */
export type Rule = 'password_too_short' | 'password_characters' | 'password_repeated_digits';

/** What the policy asks for, in the order in which it is shown. */
export function rulesOf(policy: Policy): Rule[] {
  const rules: Rule[] = ['password_too_short'];
  if (policy.letters_and_digits_only) rules.push('password_characters');
  if (policy.no_repeated_digits) rules.push('password_repeated_digits');
  return rules;
}

/** Whether `password` keeps `rule`. Compared as the server does: NFKC, letters and digits of any alphabet. */
export function keeps(password: string, rule: Rule, policy: Policy): boolean {
  const characters = [...password.normalize('NFKC')];
  if (rule === 'password_too_short') return characters.length >= policy.minimum_length;
  if (rule === 'password_characters') return characters.length > 0 && characters.every((each) => /[\p{L}\p{M}\p{Nd}]/u.test(each));
  return characters.length > 0 && !characters.some((each, place) => /\p{Nd}/u.test(each) && each === characters[place + 1]);
}
