/** The language of the page. Russian is in the first load, English comes when it is asked for. */
import { ru, type Messages } from './ru';

export type Lang = 'ru' | 'en';

class Locale {
  lang = $state<Lang>('ru');
  m = $state.raw<Messages>(ru);

  /** Speak `lang` from now on, and next time. */
  async use(lang: Lang): Promise<void> {
    this.m = lang === 'en' ? (await import('./en')).en : ru;
    this.lang = lang;
    document.documentElement.lang = lang;
    try { localStorage.setItem('lkk.lang', lang); } catch { /* private mode: for this visit only */ }
  }

  async start(): Promise<void> {
    let kept: string | null = null;
    try { kept = localStorage.getItem('lkk.lang'); } catch { /* private mode */ }
    const wanted = kept ?? (navigator.language.startsWith('ru') ? 'ru' : navigator.language.startsWith('en') ? 'en' : 'ru');
    if (wanted === 'en') await this.use('en');
  }
}

export const l = new Locale();
