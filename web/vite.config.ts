import { svelte } from '@sveltejs/vite-plugin-svelte';
import { svelteTesting } from '@testing-library/svelte/vite';
import { defineConfig } from 'vitest/config';
import { loadAhead } from './ahead.plugin.ts';
import { serviceWorker } from './sw.plugin.ts';

export default defineConfig({
  // The testing one acts in unit tests only.
  plugins: [svelte(), loadAhead(), svelteTesting({ autoCleanup: false }), serviceWorker()],
  test: { include: ['src/**/*.test.ts'] },
  // Inlined assets would need `data:` in the policy's font-src; files are cached anyway.
  build: {
    target: 'es2022', assetsInlineLimit: 0, cssCodeSplit: false, modulePreload: { polyfill: false },
    // A small file that sends for all others, one for the frame and one for what pages share: on a slow phone each
    // further file is a trip.
    rolldownOptions: {
      checks: { pluginTimings: false },
      output: {
        codeSplitting: {
          groups: [
            { name: 'first', test: /\/src\/(main|pages\/index|i18n\/texts|ui\/typeface|domain\/formats)\.ts$|preload-helper/, priority: 3 },
            { name: 'frame', test: /\/src\/begin\.ts$/, priority: 2 },
            { name: 'shared', test: /\/src\/(ui|domain|state)\//, minShareCount: 2, priority: 1 },
            { name: 'en', test: /\/i18n\/en\/(frame|home|account)\.ts$/, priority: 1 },
          ],
        },
      },
    },
  },
});
