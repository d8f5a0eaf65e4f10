/** `make screenshots`: pictures of the main screens of a running system (LKK_URL) into docs/pictures. */
import { defineConfig } from '@playwright/test';
import stories from './playwright.config';

export default defineConfig({
  ...stories,
  testDir: 'pictures',
  outputDir: '../build/pictures',
  projects: [{ name: 'pictures' }],
});
