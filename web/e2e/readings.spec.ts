/** Readings: rules as one types, high consumption, history and undo, and times without a connection. */
import type { Page } from '@playwright/test';
import { expect, test, type Resident, type Shape } from './lkk';

const meters = async ({ api, account }: Resident) => (await api.call<Shape['MetersOut']>('get', `/v1/accounts/${account.account_number}/meters?limit=200`)).items;

/** A value so much above the last one. */
function above(meter: Shape['MeterOut'], more: number, zone = 'T1'): string {
  const [whole = '0', part = ''] = (meter.previous[zone] ?? '0').split('.');
  return `${Number(whole) + more}${part ? `,${part}` : ''}`;
}

async function fillFirst(page: Page, meter: Shape['MeterOut'], more: number): Promise<void> {
  const fields = page.locator('fieldset').first().locator('input[inputmode]');
  for (const [place, zone] of meter.zones.entries()) await fields.nth(place).fill(above(meter, more, zone));
}

test('a value is judged as it is typed, a high one is asked about, and one sent is found in the history and undone', async ({ page, m, resident, look }) => {
  const number = resident.account.account_number;
  const [first] = await meters(resident);
  if (!first) throw new Error('no meter');
  await page.goto('/readings');
  await page.getByRole('heading', { name: m.readings.title }).waitFor();
  const field = page.locator('fieldset').first().locator('input[inputmode]').first();

  await test.step('refusals', async () => {
    await page.getByRole('button', { name: m.readings.check }).click();
    await page.getByText(m.readings.nothing).waitFor();
    for (const [value, text] of [['12a', m.readings.wrong.notANumber], ['0,1', m.readings.wrong.below], ['1,23456', m.readings.wrong.fraction], ['999999999', m.readings.wrong.digits]] as const) {
      await field.fill(value);
      await page.getByText(text, { exact: true }).first().waitFor();
    }
    const wheels = await page.locator('.drum').first().locator('b').evaluateAll((all) => all.map((each) => each.getBoundingClientRect().width));
    expect(Math.min(...wheels)).toBeGreaterThanOrEqual(20);
    await look('refused');
  });

  await test.step('an unusual value is a question', async () => {
    const usual = Math.ceil(Math.max(...first.zones.map((zone) => Number(first.mean_consumption[zone] ?? 1))));
    await fillFirst(page, first, usual * 5 + 5);
    await page.getByRole('button', { name: m.readings.check }).click();
    const box = page.getByLabel(m.readings.confirm);
    await box.waitFor();
    await look('unusual');
    await box.check();
    await page.getByRole('button', { name: m.readings.check }).click();
    await page.getByRole('heading', { name: m.readings.previewTitle }).waitFor();
    await page.getByRole('button', { name: m.readings.edit }).click();
    await page.getByRole('heading', { name: m.readings.title }).waitFor();
    const kept = await field.inputValue();
    expect(kept).not.toBe('');
    await page.getByRole('button', { name: m.readings.check }).click();
    await page.getByRole('heading', { name: m.readings.previewTitle }).waitFor();
    await page.goBack();
    await expect(field).toHaveValue(kept);
  });

  await test.step('sent, found, undone', async () => {
    await fillFirst(page, first, 1);
    await page.getByRole('button', { name: m.readings.check }).click();
    await page.getByRole('button', { name: m.readings.send }).click();
    await page.getByRole('heading', { name: m.readings.done }).waitFor();
    await page.goto(`/accounts/${number}/readings/history`);
    await page.getByRole('listitem').filter({ hasText: m.readings.source({ source: 'cabinet' }) }).first().waitFor();
    await look('history');
    await page.getByLabel(m.readings.meter).selectOption(first.id);
    await expect(page).toHaveURL(/meter=/);
    await page.getByLabel(m.readings.span).selectOption('24');
    await expect(page).toHaveURL(/months=24/);
    await page.getByRole('figure', { name: m.readings.chart({ service: first.service }) }).locator('svg').waitFor();
    await look('history-of-one');
    await page.reload();
    await expect(page.getByLabel(m.readings.span)).toHaveValue('24');
    await page.getByRole('button', { name: new RegExp(`^${m.readings.undo}`) }).click();
    await page.getByRole('dialog').getByRole('button', { name: m.readings.undo, exact: true }).click();
    await page.getByText(m.readings.undone).waitFor();
    await expect(page.getByText(m.readings.states['withdrawn']!, { exact: false }).first()).toBeVisible();
    expect((await meters(resident))[0]?.submit.needed).toBe(true);
  });
});

test('readings typed without a connection are kept and sent later with the moment they were taken', async ({ page, context, m, resident, look, expected }) => {
  // What the browser writes of a network that is not there.
  expected.push(/ERR_INTERNET_DISCONNECTED/, /Failed to fetch/);
  const number = resident.account.account_number;
  const [first] = await meters(resident);
  if (!first) throw new Error('no meter');
  await page.goto('/');
  await page.getByRole('heading', { name: m.home.accounts }).waitFor();
  await page.evaluate(() => navigator.serviceWorker.ready.then((found) => new Promise<void>((done) => {
    if (found.active?.state === 'activated') done();
    else found.active?.addEventListener('statechange', () => done());
  })));

  await context.setOffline(true);
  await page.reload();
  await page.getByRole('heading', { name: m.trouble.offlineTitle }).waitFor();
  await look('offline');
  await page.getByRole('link', { name: new RegExp(resident.account.address.slice(-12)) }).click();
  await page.getByText(m.readings.offline).waitFor();
  await fillFirst(page, first, 2);
  const taken = Date.now();
  await page.getByRole('button', { name: m.readings.check }).click();
  await look('check-offline');
  await page.getByRole('button', { name: m.readings.keep }).click();
  await page.getByRole('heading', { name: m.readings.kept }).waitFor();
  await look('kept');
  // Closed and opened again, still without a connection.
  await page.goto('/');
  await page.getByText(m.waiting.title).first().waitFor();

  await context.setOffline(false);
  await page.getByText(m.waiting.delivered({ account: number, when: '' }).split(',')[0] ?? '').waitFor();
  await look('delivered');
  const [sent] = (await resident.api.call<Shape['ReadingsOut']>('get', `/v1/accounts/${number}/readings?meter_id=${first.id}`)).items;
  expect(sent?.source).toBe('cabinet');
  expect(Math.abs(Date.parse(sent?.taken_at ?? '') - taken)).toBeLessThan(70_000);
});

test('a server that does not answer is told apart from a missing connection', async ({ page, m, resident, look, expected }) => {
  expected.push(/status of 503/, /Failed to load/);
  await page.route('**/v1/**', (route) => route.fulfill({ status: 503, body: '' }));
  await page.goto('/');
  await page.getByRole('heading', { name: m.trouble.serverTitle }).waitFor();
  await look('no-server');
  await page.unroute('**/v1/**');
  await page.getByRole('button', { name: m.retry }).click();
  await page.getByRole('heading', { name: m.home.accounts }).waitFor();
  expect(resident.phone).toBeTruthy();
});
