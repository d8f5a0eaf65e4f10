import { mount } from 'svelte';
import App from './App.svelte';
import { l } from './i18n/locale.svelte';
import { session } from './state/session.svelte';
import { theme } from './state/theme.svelte';
import { update } from './state/update.svelte';
import { waiting } from './state/waiting.svelte';
import './styles/base.css';

theme.start();
await l.start();
void session.start();
waiting.start();
const target = document.getElementById('app');
if (target) mount(App, { target });
if (import.meta.env.PROD) void update.start();
