/** Someone with a browser of their own: Lighthouse drives it by its port, Playwright visits in between. */
import { chromium, type Page } from '@playwright/test';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ARGS = ['--headless=new', '--no-sandbox', '--disable-dev-shm-usage', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run', '--hide-scrollbars', '--remote-debugging-port=0',
  // Else a tab may change its process in mid-trace, and Lighthouse loses its beginning.
  '--disable-features=SpareRendererForSitePerProcess',
];

export class Visitor {
  /** Values of an address: `{account}` is `values.account`. */
  values: Record<string, string> = {};

  private constructor(readonly port: number, private readonly process: ChildProcess, private readonly profile: string) {}

  static async start(): Promise<Visitor> {
    const profile = mkdtempSync(join(tmpdir(), 'lkk-audit-'));
    const process = spawn(globalThis.process.env['CHROMIUM'] ?? '/usr/bin/chromium', [...ARGS, `--user-data-dir=${profile}`, 'about:blank'], { stdio: ['ignore', 'ignore', 'pipe'] });
    const port = await new Promise<number>((resolve, reject) => {
      let said = '';
      process.stderr?.on('data', (chunk) => {
        said += chunk;
        const found = /DevTools listening on ws:\/\/[^:]+:(\d+)/.exec(said);
        if (found) resolve(Number(found[1]));
      });
      process.once('error', reject);
      process.once('exit', () => reject(new Error(`Chromium ended: ${said.slice(-2000)}`)));
    });
    return new Visitor(port, process, profile);
  }

  /** Let Playwright do something in a tab, and leave: nothing of it slows Lighthouse down. */
  async visit<T>(act: (page: Page) => Promise<T>): Promise<T> {
    const browser = await chromium.connectOverCDP(`http://127.0.0.1:${this.port}`);
    const [context] = browser.contexts();
    if (!context) throw new Error('Chromium has no window');
    const page = await context.newPage();
    try {
      return await act(page);
    } finally {
      await page.close();
      await browser.close();
    }
  }

  address(path: string): string {
    return path.replace(/\{(\w+)\}/g, (_, name: string) => {
      const value = this.values[name];
      if (!value) throw new Error(`nobody knows ${name} of ${path}`);
      return value;
    });
  }

  async end(): Promise<void> {
    const over = new Promise((resolve) => this.process.once('exit', resolve));
    this.process.kill();
    await over;
    // Its processes end one after the other, and write until then.
    await rm(this.profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }
}
