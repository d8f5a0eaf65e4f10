import { svelte } from '@sveltejs/vite-plugin-svelte';
import { svelteTesting } from '@testing-library/svelte/vite';
import { defineConfig } from 'vitest/config';
import { serviceWorker } from './sw.plugin.ts';

export default defineConfig({
  // The testing one acts in unit tests only.
  plugins: [svelte(), svelteTesting({ autoCleanup: false }), serviceWorker()],
  test: { include: ['src/**/*.test.ts'] },
  // Inlined assets would need `data:` in the policy's font-src; files are cached anyway.
  build: {
    target: 'es2022', assetsInlineLimit: 0, modulePreload: { polyfill: false },
    // A file for the first load and one for what pages share: on a slow phone each further file is a trip.
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'frame', tags: ['$initial'], priority: 2 },
            { name: 'shared', test: /\/src\/(ui|domain)\//, minShareCount: 4, priority: 1 },
          ],
        },
      },
    },
  },
});
