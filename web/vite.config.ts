import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import { serviceWorker } from './sw.plugin';

export default defineConfig({
  plugins: [svelte(), serviceWorker()],
  // Inlined assets would need `data:` in the policy's font-src; files are cached anyway.
  test: { include: ['src/**/*.test.ts'] },
  build: { target: 'es2022', assetsInlineLimit: 0, modulePreload: { polyfill: false } },
});
