// Made from messages/en/home.json by npm run texts.
import { en } from "@messageformat/runtime/lib/cardinals";
import { plural } from "@messageformat/runtime";
import type { home as same } from '../ru/home';

export const home: typeof same = {
  home: {
    title: "Home",
    toPay: "To pay",
    overAccounts: (d: { n: number }) => "over " + plural(d.n, 0, en, { one: d.n + " account", other: d.n + " accounts" }),
    until: (d: { day: string | number }) => "by " + d.day,
    insurance: (d: { sum: string | number }) => "Voluntary insurance is " + d.sum + " of it and need not be paid",
    allPaid: "All paid",
    pay: "Pay",
    payAll: "Pay all",
    advance: "In advance",
    attention: "Needs attention",
    nothing: "Nothing urgent.",
    readings: (d: { days: string | number }) => "Submit your readings: " + d.days + " left",
    readingsToday: "Submit your readings: today is the last day",
    bill: (d: { month: string | number; day: string | number }) => "Pay the bill of " + d.month + " by " + d.day,
    billNoDay: (d: { month: string | number }) => "Pay the bill of " + d.month,
    overdue: (d: { month: string | number; day: string | number }) => "The bill of " + d.month + " is unpaid: it was due on " + d.day,
    accountsOf: (d: { n: number }) => plural(d.n, 0, en, { one: d.n + " account", other: d.n + " accounts" }) as string,
    autopayFailed: "The automatic payment failed",
    autopayLimit: "Automatic payment: the bill is over your limit",
    autopayPaused: "The automatic payment is paused: it needs a card",
    autopayCard: "The automatic payment waits for a card",
    unproven: "The account is not proven",
    prove: "Prove it",
    email: "Confirm your e-mail to get receipts and notices",
    accounts: "Accounts",
    add: "Add an account",
    none: "No accounts yet",
    noneText: "Add one: you need a bill and two figures from it.",
    number: (d: { number: string | number }) => "Account " + d.number,
    asOf: (d: { moment: string | number }) => "As of " + d.moment,
  },
  guide: {
    steps: [
      "Account",
      "Name and e-mail",
      "Password",
    ],
    unfinished: "Your registration is not finished",
    unfinishedText: (d: { step: string | number }) => "You stopped at the step “" + d.step + "”.",
    goOn: "Go on",
    dismiss: "Do not remind me",
  },
  waiting: {
    title: "Readings wait to be sent",
    one: (d: { account: string | number; when: string | number }) => "Account " + d.account + ", taken " + d.when,
    refused: "Not accepted",
    sendNow: "Send now",
    fix: "Enter again",
    drop: "Remove",
    delivered: (d: { account: string | number; when: string | number }) => "The readings of account " + d.account + ", taken " + d.when + ", are accepted",
  },
};
