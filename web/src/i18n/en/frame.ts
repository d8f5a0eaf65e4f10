// Made from messages/en/frame.json by npm run texts.
import { en } from "@messageformat/runtime/lib/cardinals";
import { plural, select } from "@messageformat/runtime";
import type { frame as same } from '../ru/frame';

export const frame: typeof same = {
  brand: "My account",
  skip: "Skip to content",
  loading: "Loading…",
  loadingLong: "This takes longer than usual. Wait a little more, or check the connection.",
  retry: "Try again",
  cancel: "Cancel",
  save: "Save",
  saved: "Saved",
  back: "Back",
  close: "Close",
  more: "Show more",
  languageName: "English",
  otherLanguage: "Русский",
  days: (d: { n: number }) => plural(d.n, 0, en, { one: d.n + " day", other: d.n + " days" }) as string,
  seconds: (d: { n: number }) => plural(d.n, 0, en, { one: d.n + " second", other: d.n + " seconds" }) as string,
  wait: (d: { unit: string; count: number }) => "in " + select(d.unit, { second: plural(d.count, 0, en, { one: d.count + " second", other: d.count + " seconds" }), minute: plural(d.count, 0, en, { one: d.count + " minute", other: d.count + " minutes" }), other: plural(d.count, 0, en, { one: d.count + " hour", other: d.count + " hours" }) }),
  nav: {
    label: "Sections",
    home: "Home",
    readings: "Readings",
    payments: "Payments",
    profile: "Profile",
    signIn: "Sign in",
    badge: (d: { n: number }) => plural(d.n, 0, en, { one: d.n + " thing to do", other: d.n + " things to do" }) as string,
  },
  trouble: {
    title: "It did not work",
    unreachable: "The service cannot be reached. Check your connection and try again.",
    offlineTitle: "No connection",
    offlineText: "The cabinet opens by itself once there is a connection. Readings can be written down without one.",
    serverTitle: "The service does not answer",
    serverText: "There is a connection, but the service does not answer now. Nothing is lost: we try again in a minute. Readings can be written down meanwhile.",
    notFound: "There is no such page",
    notFoundText: "The link may be out of date.",
    home: "Go home",
    later: (d: { wait: string | number }) => "You can try again " + d.wait + ".",
    summary: "Check the fields",
  },
  update: {
    text: "A new version is ready.",
    now: "Update",
  },
};
