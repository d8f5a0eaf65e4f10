/** The camera: Chromium plays a film of a bill to it. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import config from '../playwright.config';
import { billText, film, modules } from './entering';
import { expect, test } from './lkk';

const FILM = join(mkdtempSync(join(tmpdir(), 'lkk-film-')), 'bill.y4m');
writeFileSync(FILM, film(modules(billText(1, '51999990', '2024-01', 123_456))));

test.use({
  launchOptions: {
    ...config.use?.launchOptions,
    args: [...(config.use?.launchOptions?.args ?? []), '--use-fake-device-for-media-stream', `--use-file-for-fake-video-capture=${FILM}`],
  },
});

test('the camera finds the code by itself, and is off again', async ({ page, m, newcomer, look }) => {
  void newcomer;
  const tracks = () => page.evaluate(() => (globalThis as unknown as { filmed: MediaStreamTrack[] }).filmed.map((track) => track.readyState));
  await page.addInitScript(() => {
    const filmed: MediaStreamTrack[] = ((globalThis as unknown as { filmed: MediaStreamTrack[] }).filmed = []);
    const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (wanted) => {
      const stream = await real(wanted);
      filmed.push(...stream.getTracks());
      return stream;
    };
  });
  await page.goto('/accounts/add');
  const scan = page.getByRole('button', { name: m.prove.scan, exact: true });

  await test.step('refused, it says how to go on', async () => {
    await scan.click();
    await page.getByText(m.scan.refusedText).waitFor();
    await look('camera-refused');
  });

  await test.step('allowed, it films, finds, fills and stops', async () => {
    await page.context().grantPermissions(['camera']);
    await page.getByRole('button', { name: m.scan.again, exact: true }).click();
    await expect(page.getByLabel(m.prove.number)).toHaveValue('51999990');
    await expect(page.getByRole('dialog')).toHaveCount(0);
    expect(await tracks()).toEqual(['ended']);
  });

  await test.step('closed before anything is found, it stops too', async () => {
    await scan.click();
    // The film begins with two seconds of bare paper.
    await expect.poll(async () => (await tracks()).length).toBe(2);
    await page.keyboard.press('Escape');
    await expect.poll(tracks).toEqual(['ended', 'ended']);
  });
});
