/** The cabinet begins: theme, language, session, frame. */
import { mount } from 'svelte';
import App from './App.svelte';
import { l } from './i18n/locale.svelte';
import { pause } from './pause';
import { session } from './state/session.svelte';
import { theme } from './state/theme.svelte';
import { update } from './state/update.svelte';
import { waiting } from './state/waiting.svelte';

export async function begin(): Promise<void> {
  theme.start();
  await Promise.all([l.start(), pause()]);
  void session.start();
  await pause();
  const target = document.getElementById('app');
  target?.replaceChildren();
  if (target) mount(App, { target });
  await pause();
  waiting.start();
  // The files for later would stand in line with those of this page.
  if (import.meta.env.PROD) setTimeout(() => void update.start(), 3000);
}
