/** A new version of the cabinet: it waits until it is asked for, then the page is the new one. */
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from './lkk';

test('a new version is offered and used when one wants it', async ({ page, m, resident, look }) => {
  const file = new URL('../dist/sw.js', import.meta.url);
  const built = readFileSync(file, 'utf8');
  await page.goto('/');
  await page.getByRole('heading', { name: m.home.accounts }).waitFor();
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.reload();
  try {
    writeFileSync(file, `${built.replace(/const CACHE = 'lkk-[0-9a-f]+'/, "const CACHE = 'lkk-newer'")}\n`);
    await page.evaluate(async () => (await navigator.serviceWorker.ready).update());
    const button = page.getByRole('button', { name: m.update.now });
    await button.waitFor();
    await look('update');
    await Promise.all([page.waitForEvent('load'), button.click()]);
    await page.getByRole('heading', { name: m.home.accounts }).waitFor();
    expect(await page.evaluate(() => caches.keys())).toEqual(['lkk-newer']);
    await expect(button).toBeHidden();
  } finally {
    writeFileSync(file, built);
  }
  expect(resident.phone).toBeTruthy();
});
