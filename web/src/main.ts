/** The first script, and a small one: it sends for the frame, for the page of this address and for its words, all at once. */
import { dateFormat, numberFormat } from './domain/formats';
import { texts, wantedLang } from './i18n/texts';
import { pageOf } from './pages';
import './styles/base.css';
import { hasGolos, inGolos } from './ui/typeface';

if (hasGolos()) void inGolos();
const lang = wantedLang();
const page = pageOf(location.pathname);
// What does not come is asked for again, and told of, by the frame.
for (const ahead of [page.load(), ...page.texts.map((each) => texts(lang, each))]) ahead.catch(() => undefined);
void import('./begin').then(({ begin }) => begin());
// The browser's first formats take a fifth of a second on a slow phone: made while those files are on their way, unless
// nobody is signed in yet, when there are neither sums nor days.
if (!page.open) {
  numberFormat(lang).format(0);
  dateFormat(lang, { month: 'long', timeZone: 'Europe/Moscow' }).format(0);
}
