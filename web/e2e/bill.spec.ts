/** The bill: its parts, any month, what there is not yet, the picture of the months behind it, paper. */
import { laterPeriod, period } from '../src/domain/dates';
import { money } from '../src/domain/money';
import { expect, test, type Shape } from './lkk';

test('a bill opens to its parts, by service and by supplier, narrowed to a word', async ({ page, m, lang, resident, look }) => {
  const { account_number: number, period: month } = resident.account;
  const bill = await resident.api.call<Shape['WholeBillOut']>('get', `/v1/accounts/${number}/bills/${month}`);
  const details = page.locator('.lines details');
  await page.goto(`/accounts/${number}/bills`);
  await page.getByRole('heading', { level: 1, name: m.bill.title({ period: period(month, lang) }) }).waitFor();
  await page.getByRole('heading', { name: m.bill.picture }).scrollIntoViewIfNeeded();
  await page.getByRole('slider').waitFor();
  await expect(details).toHaveCount(bill.lines.length);
  for (const total of [bill.to_pay, bill.charged]) await expect(page.getByRole('region', { name: m.bill.summary })).toContainText(money(total.amount, lang).replace(/^₽/, ''));
  await expect(page.getByRole('link', { name: m.account.pay, exact: true })).toHaveAttribute('href', `/pay?account=${number}`);

  await details.first().locator('summary').focus();
  await page.keyboard.press('Enter');
  await expect(details.first()).toContainText(m.bill.volume);
  await look('bill');
  await page.getByRole('button', { name: m.bill.open }).click();
  await expect(page.locator('.lines details[open]')).toHaveCount(bill.lines.length);
  await page.getByRole('button', { name: m.bill.close }).click();
  await expect(page.locator('.lines details[open]')).toHaveCount(0);

  await page.getByRole('radio', { name: m.bill.bySupplier }).check();
  const suppliers = new Set(bill.lines.map((line) => line.supplier));
  await expect(page.locator('.lines > details')).toHaveCount(suppliers.size);
  await page.getByRole('button', { name: m.bill.open }).click();
  await look('by-supplier');

  const find = page.getByLabel(m.bill.find);
  await find.fill('водоканал');
  const found = bill.lines.filter((line) => line.supplier?.includes('водоканал'));
  await page.getByText(m.bill.found({ n: found.length, sum: money(found.reduce((sum, line) => sum + line.total.amount, 0), lang) })).waitFor();
  await expect(page.locator('.lines > details')).toHaveCount(1);
  await find.fill('ничего такого');
  await page.getByText(m.bill.found({ n: 0, sum: '' })).waitFor();
  await look('nothing-found');
  await page.getByRole('button', { name: m.bill.all }).click();
  await expect(page.locator('.lines > details')).toHaveCount(suppliers.size);

  await page.emulateMedia({ media: 'print' });
  await expect(page.locator('table.onpaper tbody tr')).toHaveCount(bill.lines.length);
  await expect(page.locator('table.onpaper')).toBeVisible();
  for (const hidden of [page.locator('header').first(), find, page.getByRole('slider'), page.getByRole('button', { name: m.bill.print })]) await expect(hidden).toBeHidden();
  await page.setViewportSize({ width: 794, height: 1123 }); // A4
  await look('on-paper');
});

test('any month is a tap away, and a month without a bill says why', async ({ page, m, lang, resident, look, expected }) => {
  expected.push(/status of 404/);
  const { account_number: number, period: newest } = resident.account;
  const title = (month: string) => page.getByRole('heading', { level: 1, name: m.bill.title({ period: period(month, lang) }) });
  await page.goto(`/accounts/${number}/bills`);
  await page.getByRole('link', { name: m.bill.before }).click();
  await title(laterPeriod(newest, -1)).waitFor();
  await page.getByRole('link', { name: m.bill.pastLink({ period: period(newest, lang) }) }).waitFor();
  await expect(page.getByRole('link', { name: m.account.pay, exact: true })).toHaveCount(0);
  await look('past-month');
  const month = page.getByLabel(m.bill.month, { exact: true });
  await month.focus();
  await month.selectOption(laterPeriod(newest, -23));
  await title(laterPeriod(newest, -23)).waitFor();
  await expect(month).toBeFocused();
  await expect(page.getByText(m.account.nothingAtStart, { exact: true })).toBeVisible();
  await page.goBack();
  await title(laterPeriod(newest, -1)).waitFor();
  await page.getByRole('link', { name: m.bill.after }).click();
  await title(newest).waitFor();

  await page.goto(`/accounts/${number}/bills/${laterPeriod(newest, 1)}`);
  await page.getByRole('heading', { name: m.bill.later }).waitFor();
  await look('not-closed');
  await page.goto(`/accounts/${number}/bills/2019-05`);
  await page.getByRole('heading', { name: m.bill.noneOfMonth }).waitFor();
  await look('no-bill');
  await page.goto(`/accounts/${number}/bills/2026-13`);
  await page.getByRole('heading', { name: m.trouble.notFound }).waitFor();
});

test('two years as a picture, in money and in volume, read by keys and by finger', async ({ page, m, lang, resident, look }) => {
  const { account_number: number, period: newest } = resident.account;
  const { items } = await resident.api.call<Shape['ServicesOut']>('get', `/v1/accounts/${number}/services?from=${laterPeriod(newest, -23)}&to=${newest}`);
  const heating = items.find((each) => each.service === 'Отопление')!;
  await page.goto(`/accounts/${number}/bills`);
  await page.getByRole('heading', { name: m.bill.picture }).scrollIntoViewIfNeeded();
  await page.getByLabel(m.bill.of).selectOption({ label: heating.service });
  await page.getByRole('radio', { name: m.bill.months({ n: 24 }) }).check();
  await page.getByRole('radio', { name: m.bill.inVolume }).check();
  const slider = page.getByRole('slider');
  await expect(page.locator('rect.bar')).toHaveCount(heating.months.length);
  await slider.focus();
  await page.keyboard.press('Home');
  await expect(slider).toHaveAttribute('aria-valuetext', new RegExp(`^${period(laterPeriod(newest, -23), lang)}: .*Гкал`));
  const summer = Number(newest.slice(5)) > 7 ? `${newest.slice(0, 4)}-07` : `${Number(newest.slice(0, 4)) - 1}-07`;
  for (let at = laterPeriod(newest, -23); at < summer; at = laterPeriod(at, 1)) await page.keyboard.press('ArrowRight');
  await expect(slider).toHaveAttribute('aria-valuetext', `${period(summer, lang)}: ${m.chart.noData}`);
  await look('volume');
  await page.getByText(m.chart.table).click();
  await expect(page.getByRole('table').getByRole('row')).toHaveCount(25);
  await look('as-a-table');
  const box = (await slider.boundingBox())!;
  await slider.click({ position: { x: box.width - 4, y: box.height / 2 } });
  await page.getByRole('link', { name: `${m.bill.openMonth} ${period(newest, lang)}` }).waitFor();
  await page.getByRole('link', { name: period(laterPeriod(newest, -11), lang), exact: true }).click();
  await page.getByRole('heading', { level: 1, name: m.bill.title({ period: period(laterPeriod(newest, -11), lang) }) }).waitFor();
});

test('an overpayment is told in words, never as a bare minus', async ({ page, m, lang, resident, local, look }) => {
  const { account_number, amount } = resident.account;
  const made = await resident.api.call<Shape['PaymentOut']>('post', '/v1/payments', {
    items: [{ account_number, amount: amount + 50_000, with_insurance: true }], return_url: `${new URL(page.url() === 'about:blank' ? (process.env['LKK_URL'] ?? 'http://localhost:8000') : page.url()).origin}/payments/result`,
  });
  expect(await local.pay(made.checkout_url ?? '')).toBe('paid');
  await local.idle();
  for (const path of ['', '/bills']) {
    await page.goto(`/accounts/${account_number}${path}`);
    const card = page.locator('section.card').first();
    await card.getByText(m.account.overpayment, { exact: true }).waitFor();
    await expect(card).toContainText(money(50_000, lang).replace(/^₽/, ''));
    await expect(card).not.toContainText('\u2212');
  }
  await page.getByRole('heading', { name: m.bill.picture }).scrollIntoViewIfNeeded();
  await page.getByRole('slider').waitFor();
  await look('overpaid');
});

test('a bill on its way, and one that did not come', async ({ page, m, resident, look, expected }) => {
  expected.push(/ERR_FAILED/);
  const { account_number: number, period: month } = resident.account;
  let cut = true;
  await page.route(`**/v1/accounts/${number}/bills/${month}`, (route) => (cut ? route.abort() : route.continue()));
  let let_through = (): void => undefined;
  const held = new Promise<void>((resolve) => (let_through = resolve));
  await page.route(`**/v1/accounts/${number}/bills?*`, async (route) => { await held; await route.continue(); });
  await page.clock.install();
  await page.goto(`/accounts/${number}/bills`);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.getByRole('status').filter({ hasText: m.loading }).waitFor();
  await look('loading');
  await page.clock.fastForward(10_000);
  await page.getByText(m.loadingLong).first().waitFor();
  await look('loading-long');
  let_through();
  await page.getByRole('alert').waitFor();
  await look('lost');
  cut = false;
  await page.getByRole('button', { name: m.retry }).click();
  await page.getByRole('heading', { name: m.bill.lines }).waitFor();
});

test('a bill that comes after one has left its page disturbs nothing', async ({ page, m, resident }) => {
  const { account_number: number, period: month } = resident.account;
  let let_through = (): void => undefined;
  const held = new Promise<void>((resolve) => (let_through = resolve));
  const path = `/v1/accounts/${number}/bills/${month}`;
  await page.route(`**${path}`, async (route) => { await held; await route.continue(); });
  const asked = page.waitForRequest(`**${path}`);
  await page.goto(`/accounts/${number}/bills`);
  await asked;
  await page.getByRole('navigation', { name: m.nav.label }).getByRole('link', { name: m.nav.payments }).click();
  await page.getByRole('heading', { level: 1, name: m.payments.title }).waitFor();
  const came = page.waitForResponse(`**${path}`);
  let_through();
  await (await came).finished();
  await page.getByRole('heading', { level: 1, name: m.payments.title }).waitFor();
});
