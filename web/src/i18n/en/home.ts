import { enWord } from '../plural';
import type { home as same } from '../ru/home';

export const home: typeof same = {
  home: {
    title: 'Home',
    toPay: 'To pay',
    overAccounts: (n) => `over ${enWord(n, 'account', 'accounts')}`,
    until: (day) => `by ${day}`,
    allPaid: 'All paid',
    pay: 'Pay',
    payAll: 'Pay all',
    advance: 'In advance',
    attention: 'Needs attention',
    nothing: 'Nothing urgent.',
    readings: (days) => `Submit your readings: ${days} left`,
    readingsToday: 'Submit your readings: today is the last day',
    unproven: 'The account is not proven',
    prove: 'Prove it',
    email: 'Confirm your e-mail to get receipts',
    accounts: 'Accounts',
    add: 'Add an account',
    none: 'No accounts yet',
    noneText: 'Add one: you need a bill and two figures from it.',
    number: (n) => `Account ${n}`,
    asOf: (moment) => `As of ${moment}`,
  },
};
