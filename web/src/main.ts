/** The first script, and a small one: it sends for the frame, for the page of this address and for its words, all at once. */
import { texts, wantedLang } from './i18n/texts';
import { pageOf } from './pages';
import './styles/base.css';

const page = pageOf(location.pathname);
// What does not come is asked for again, and told of, by the frame.
for (const ahead of [page.load(), ...page.texts.map((each) => texts(wantedLang(), each))]) ahead.catch(() => undefined);
void import('./begin').then(({ begin }) => begin());
