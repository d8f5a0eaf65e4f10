/** Makes the pictures of README and docs/web.md, all of one resident. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, freeAccount, prove, test } from '../e2e/lkk';
import { settle } from '../e2e/settled';
import { pictures, shown } from './shown';

const ROOT = new URL('../../', import.meta.url);
const SCREENS = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 860 } };
const MOST_BYTES = 150_000;

test.use({ viewport: SCREENS.phone, deviceScaleFactor: 2, lang: 'ru', locale: 'ru-RU', colorScheme: 'light' });

test('pictures of the main screens', async ({ page, newcomer, local, baseURL }) => {
  test.setTimeout(240_000);
  const values: Record<string, string> = await settle(newcomer.api, local, await freeAccount(local));
  await prove(newcomer.api, await freeAccount(local));
  const folder = new URL('docs/pictures/', ROOT);
  mkdirSync(folder, { recursive: true });
  const window = await page.context().newCDPSession(page);
  await page.goto('/');
  for (const { name, path, screen, lang = 'ru', theme = 'light' } of pictures) {
    await page.evaluate(([spoken, chosen]) => {
      localStorage.setItem('lkk.lang', spoken);
      localStorage.setItem('lkk.theme', chosen);
    }, [lang, theme] as const);
    await page.setViewportSize(SCREENS[screen ?? 'phone']);
    await page.goto(path.replace(/\{(\w+)\}/g, (_, key: string) => values[key] ?? ''), { waitUntil: 'networkidle' });
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.evaluate(() => document.fonts.ready);
    expect(page.url().startsWith(`${baseURL}/`)).toBeTruthy();
    // Playwright itself makes no WebP, which is a quarter of the PNG.
    const { data } = await window.send('Page.captureScreenshot', { format: 'webp', quality: 90 });
    const picture = Buffer.from(data, 'base64');
    expect(picture.length, `${name} is too large`).toBeLessThan(MOST_BYTES);
    writeFileSync(new URL(`${name}.webp`, folder), picture);
    console.log(`${name}.webp ${Math.round(picture.length / 1000)} kB`);
  }
  for (const [file, from, which] of [['README.md', 'docs/pictures', 'some'], ['docs/web.md', 'pictures', 'all']] as const) {
    const address = new URL(file, ROOT);
    writeFileSync(address, shown(readFileSync(address, 'utf8'), from, which));
  }
});
