import { mount } from 'svelte';
import App from './App.svelte';
import { l } from './i18n/locale.svelte';
import { session } from './state/session.svelte';
import { theme } from './state/theme.svelte';
import { update } from './state/update.svelte';
import { waiting } from './state/waiting.svelte';
import './styles/base.css';

// Not awaited here: the language's file needs this one, which would wait for it.
async function begin(): Promise<void> {
  theme.start();
  await l.start();
  void session.start();
  waiting.start();
  const target = document.getElementById('app');
  if (target) mount(App, { target });
}

void begin();
// The files for later would stand in line with those of this page.
if (import.meta.env.PROD) setTimeout(() => void update.start(), 3000);
