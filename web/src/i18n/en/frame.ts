import { enWord, waitOf } from '../plural';
import type { frame as same } from '../ru/frame';

export const frame: typeof same = {
  brand: 'My account',
  skip: 'Skip to content',
  loading: 'Loading…',
  retry: 'Try again',
  cancel: 'Cancel',
  save: 'Save',
  saved: 'Saved',
  back: 'Back',
  close: 'Close',
  more: 'Show more',
  languageName: 'English',
  otherLanguage: 'Русский',
  days: (n) => enWord(n, 'day', 'days'),
  seconds: (n) => enWord(n, 'second', 'seconds'),
  wait: (seconds) => {
    const { count, unit } = waitOf(seconds);
    return `in\u00a0${enWord(count, unit, `${unit}s`)}`;
  },
  nav: { label: 'Sections', home: 'Home', readings: 'Readings', payments: 'Payments', profile: 'Profile', signIn: 'Sign in', badge: (n) => enWord(n, 'thing to do', 'things to do') },
  trouble: {
    title: 'It did not work',
    unreachable: 'The service cannot be reached. Check your connection and try again.',
    offlineTitle: 'No connection',
    offlineText: 'The cabinet opens by itself once there is a connection. Readings can be written down without one.',
    serverTitle: 'The service does not answer',
    serverText: 'There is a connection, but the service does not answer now. Nothing is lost: we try again in a minute. Readings can be written down meanwhile.',
    notFound: 'There is no such page',
    notFoundText: 'The link may be out of date.',
    home: 'Go home',
    later: (wait) => `You can try again ${wait}.`,
    summary: 'Check the fields',
  },
  update: { text: 'A new version is ready.', now: 'Update' },
};
