/** The language of the page. The Russian words of most pages are in the first load; all others come with the page that needs them. */
import { account } from './ru/account';
import { frame } from './ru/frame';
import { home } from './ru/home';
import type { Messages } from './ru';
import { FIRST, keepLang, texts, wantedLang, type Lang, type Subject } from './texts';

export type { Lang };

class Locale {
  lang = $state<Lang>('ru');
  /** The words of what was needed so far; typed as if all were here: `pages/texts.test.ts` holds that. */
  m = $state.raw<Messages>({ ...frame, ...home, ...account } as Messages);
  #wanted: Lang = 'ru';
  #needed = new Set<Subject>(FIRST);
  #here = new Set<Subject>(FIRST);

  /** Before a page is shown: have its words. Throws when a file does not come. */
  async need(subjects: readonly Subject[]): Promise<void> {
    for (const each of subjects) this.#needed.add(each);
    if (subjects.some((each) => !this.#here.has(each))) await this.#load();
  }

  /** Speak `lang` from now on, and next time. */
  async use(lang: Lang): Promise<void> {
    if (await this.#speak(lang)) keepLang(lang);
  }

  async start(): Promise<void> {
    const lang = wantedLang();
    if (lang !== this.lang) await this.#speak(lang);
  }

  /** Whether it speaks so now: the language stays when its files do not come. */
  async #speak(lang: Lang): Promise<boolean> {
    this.#wanted = lang;
    try {
      await this.#load();
      return true;
    } catch {
      this.#wanted = this.lang;
      return false;
    }
  }

  async #load(): Promise<void> {
    const [lang, subjects] = [this.#wanted, [...this.#needed]];
    const found = await Promise.all(subjects.map((each) => texts(lang, each)));
    // Meanwhile another language was asked for.
    if (lang !== this.#wanted) return this.#load();
    this.m = Object.assign({}, lang === this.lang ? this.m : {}, ...found);
    this.#here = new Set([...(lang === this.lang ? this.#here : []), ...subjects]);
    this.lang = lang;
    document.documentElement.lang = lang;
  }
}

export const l = new Locale();
