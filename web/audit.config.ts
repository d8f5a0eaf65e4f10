/** `make audit`: Lighthouse and axe on every page of a running system (LKK_URL). PAGES=words: only those whose name has them. */
import { defineConfig } from '@playwright/test';

const only = process.env['PAGES'];

export default defineConfig({
  testDir: 'audit',
  outputDir: '../build/audit',
  globalSetup: './e2e/fresh.ts',
  grep: only ? new RegExp(only) : /./,
  workers: 1,
  timeout: 400_000,
  reporter: [['./audit/report.ts']],
  use: { baseURL: process.env['LKK_URL'] ?? 'http://localhost:8000' },
});
