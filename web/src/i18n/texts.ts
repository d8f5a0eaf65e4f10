/** The texts by language and subject; each comes when a page needs it. Knows nothing of what draws them. */
import type { Messages } from './ru';

export type Lang = 'ru' | 'en';
/** A file of `ru/` and of `en/`. */
export type Subject = 'frame' | 'account' | 'bill' | 'entering' | 'home' | 'paying' | 'profile' | 'proving' | 'readings';

/** Of most pages, and so in the first load. */
export const FIRST: readonly Subject[] = ['frame', 'home', 'account'];

const KEPT = 'lkk.lang';
const files = import.meta.glob<Record<string, Partial<Messages>>>(['./{ru,en}/*.ts', '!**/index.ts']);

/** The texts of `subject`: one load, the first time. */
export async function texts(lang: Lang, subject: Subject): Promise<Partial<Messages>> {
  const file = files[`./${lang}/${subject}.ts`];
  return Object.assign({}, ...Object.values((await file?.()) ?? {}));
}

/** The language that was chosen, else the browser's, else Russian. */
export function wantedLang(): Lang {
  let kept: string | null = null;
  try { kept = localStorage.getItem(KEPT); } catch { /* private mode */ }
  return (kept ?? navigator.language).startsWith('en') ? 'en' : 'ru';
}

export function keepLang(lang: Lang): void {
  try { localStorage.setItem(KEPT, lang); } catch { /* private mode: for this visit only */ }
}
