// What every story needs: Debian's Chromium, axe on each page, and nothing in the console.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'];

export async function open(url, { width, height, locale, colorScheme = 'light' }) {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', headless: true, args: ['--no-sandbox', '--disable-dev-shm-usage'],
  });
  const context = await browser.newContext({ baseURL: url, viewport: { width, height }, locale, colorScheme, reducedMotion: 'reduce' });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const troubles = [];
  page.on('pageerror', (error) => troubles.push(`error: ${error.message}`));
  page.on('console', (message) => {
    // A refusal (4xx) is an answer that the page shows; Chromium writes a line about each.
    const refusal = /the server responded with a status of 4(09|22)/.test(message.text());
    const ours = message.location().url.startsWith(url) && !message.location().url.includes('/_stripe/');
    if (['error', 'warning'].includes(message.type()) && !refusal && ours) troubles.push(`console: ${message.text()}`);
  });
  page.on('request', (request) => {
    if (/^https?:/.test(request.url()) && !request.url().startsWith(url)) troubles.push(`third party: ${request.url()}`);
  });
  const pictures = process.env.PICTURES;
  let shots = 0;

  return {
    page,
    troubles,
    /** The page stands still: no violation of accessibility, no sideways scrolling. */
    async audit(name) {
      if (pictures) await page.screenshot({ path: `${pictures}/${locale}-${width}-${colorScheme}-${String((shots += 1)).padStart(2, '0')}-${name}.png`, fullPage: true });
      // Through the debugger's door, which the policy of the page does not touch.
      await page.evaluate(axe);
      const found = await page.evaluate((tags) => globalThis.axe.run({ runOnly: tags }).then((r) => r.violations), RULES);
      for (const each of found) troubles.push(`axe on ${name}: ${each.id} at ${each.nodes.map((node) => node.target.join(' ')).join(' | ')}`);
      const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      if (wider > 0) troubles.push(`${name} is ${wider} px wider than the screen`);
    },
    async close() {
      await browser.close();
    },
  };
}

export async function code(url, phone) {
  for (let i = 0; i < 100; i += 1) {
    const answer = await fetch(`${url}/_local/inbox?to=${encodeURIComponent(phone)}`);
    const found = (await answer.json()).items[0]?.text.match(/\d{6}/);
    if (found) return found[0];
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error('no SMS came');
}

export function expect(what, condition) {
  if (!condition) throw new Error(`expected: ${what}`);
}
