/** Stories in Chromium against a running system (LKK_URL): each in both languages, on a phone and a desktop. */
import { defineConfig } from '@playwright/test';
import type { Told } from './e2e/lkk';

const phone = { width: 390, height: 844 };
const desktop = { width: 1280, height: 900 };

/** Stories that move the system's clock come after all others, one by one. */
const LATER = /\.later\.spec\.ts$/;

export default defineConfig<Told>({
  testDir: 'e2e',
  outputDir: '../build/e2e',
  globalSetup: './e2e/fresh.ts',
  workers: 2,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  forbidOnly: !!process.env['CI'],
  reporter: [['list']],
  use: {
    baseURL: process.env['LKK_URL'] ?? 'http://localhost:8000',
    contextOptions: { reducedMotion: 'reduce' },
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'],
    },
  },
  projects: [
    { name: 'ru-phone', testIgnore: LATER, use: { lang: 'ru', locale: 'ru-RU', viewport: phone, hasTouch: true, colorScheme: 'light' } },
    { name: 'ru-desktop', testIgnore: LATER, use: { lang: 'ru', locale: 'ru-RU', viewport: desktop, colorScheme: 'dark' } },
    { name: 'en-phone', testIgnore: LATER, use: { lang: 'en', locale: 'en-GB', viewport: phone, hasTouch: true, colorScheme: 'dark' } },
    { name: 'en-desktop', testIgnore: LATER, use: { lang: 'en', locale: 'en-GB', viewport: desktop, colorScheme: 'light' } },
    {
      name: 'later', testMatch: LATER, workers: 1, dependencies: ['ru-phone', 'ru-desktop', 'en-phone', 'en-desktop'],
      use: { lang: 'ru', locale: 'ru-RU', viewport: phone, hasTouch: true, colorScheme: 'light' },
    },
  ],
});
