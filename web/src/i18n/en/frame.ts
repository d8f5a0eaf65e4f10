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
  more: 'Show more',
  languageName: 'English',
  otherLanguage: 'Русский',
  days: (n) => enWord(n, 'day', 'days'),
  seconds: (n) => enWord(n, 'second', 'seconds'),
  wait: (seconds) => {
    const { count, unit } = waitOf(seconds);
    return `in\u00a0${enWord(count, unit, `${unit}s`)}`;
  },
  nav: { label: 'Sections', home: 'Home', payments: 'Payments', profile: 'Profile', signIn: 'Sign in' },
  trouble: {
    title: 'It did not work',
    unreachable: 'The service cannot be reached. Check your connection and try again.',
    offlineTitle: 'No connection',
    notFound: 'There is no such page',
    notFoundText: 'The link may be out of date.',
    home: 'Go home',
    later: (wait) => `You can try again ${wait}.`,
    summary: 'Check the fields',
  },
};
