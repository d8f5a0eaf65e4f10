/** One account: its facts, its suppliers, what it is called, switching to another, and what an unproven one keeps shut. */
import { homeOf } from '../src/domain/address';
import { expect, freeAccount, prove, test, typed } from './lkk';

test('one moves between accounts in one tap, names one, makes it the main one and removes it', async ({ page, m, local, resident, look }) => {
  const first = resident.account;
  const second = await freeAccount(local);
  await prove(resident.api, second);
  const others = page.getByRole('navigation', { name: m.account.others });
  const sections = page.getByRole('navigation', { name: m.account.sections });
  const heading = (name: string | RegExp) => page.getByRole('heading', { level: 1, name });

  await test.step('what is known of it', async () => {
    await page.goto(`/accounts/${first.account_number}`);
    await heading(homeOf(first.address)).waitFor();
    await page.getByRole('slider', { name: m.account.charged }).waitFor();
    await expect(page.locator('dl.facts').first()).toContainText(m.account.ownershipOf({ kind: 'private' }));
    await page.getByRole('group').filter({ hasText: /Озёрный водоканал/ }).locator('summary').click();
    await expect(page.getByRole('link', { name: '+7 900 000-07-01' })).toHaveAttribute('href', 'tel:+79000000701');
    await look('account');
  });

  await test.step('another one, in the section one is in', async () => {
    await expect(others.getByRole('link')).toHaveCount(2);
    await sections.getByRole('link', { name: m.account.bill }).click();
    await page.getByRole('heading', { name: m.bill.lines }).waitFor();
    await others.getByRole('link', { name: homeOf(second.address) }).click();
    await expect(page).toHaveURL(new RegExp(`/accounts/${second.account_number}/bills`));
    await page.getByText(m.account.of({ number: second.account_number })).waitFor();
    await sections.getByRole('link', { name: m.account.readings }).click();
    await page.getByRole('heading', { level: 1, name: m.readings.title }).waitFor();
    await others.getByRole('link', { name: homeOf(first.address) }).click();
    await expect(page).toHaveURL(`/accounts/${first.account_number}/readings`);
    await others.getByRole('link', { name: homeOf(second.address) }).click();
    await sections.getByRole('link', { name: m.account.overview }).click();
    await heading(homeOf(second.address)).waitFor();
  });

  await test.step('its name and its place', async () => {
    const name = page.getByLabel(m.account.name, { exact: true });
    await name.fill('Дaча'); // the second letter is Latin
    await name.press('Enter');
    await expect(name).toHaveAttribute('aria-invalid', 'true');
    await expect(name).toBeFocused();
    await look('name-refused');
    await name.fill('Дача у реки');
    await name.press('Enter');
    await heading('Дача у реки').waitFor();
    await page.getByText(m.saved, { exact: true }).waitFor();
    await others.getByRole('link', { name: 'Дача у реки' }).waitFor();
    await page.getByRole('button', { name: m.account.makePrimary }).click();
    await page.getByText(m.account.primaryNow).waitFor();
    await expect(others.getByRole('link').first()).toContainText('Дача у реки');
  });

  await test.step('taking it out', async () => {
    await page.getByRole('button', { name: m.account.remove, exact: true }).click();
    const dialog = page.getByRole('dialog', { name: m.account.removeAsk });
    await dialog.waitFor();
    await look('removing');
    await page.keyboard.press('Escape');
    await expect(dialog).toBeHidden();
    await page.getByRole('button', { name: m.account.remove, exact: true }).click();
    await dialog.getByRole('button', { name: m.account.removeYes, exact: true }).click();
    await expect(page).toHaveURL('/');
    await page.getByText(first.account_number).first().waitFor();
    await expect(page.getByText(second.account_number)).toHaveCount(0);
  });
});

test('an account that is not proven says what it keeps shut, one that is not ours is not found', async ({ page, m, newcomer, free, look, expected }) => {
  expected.push(/status of 404/);
  await newcomer.api.call('post', '/v1/accounts', { account_number: free.account_number });
  for (const path of ['', '/bills', '/readings', '/readings/history']) {
    await page.goto(`/accounts/${free.account_number}${path}`);
    await page.getByRole('heading', { name: m.account.unproven }).waitFor();
    for (const shut of m.account.shut) await page.getByText(shut).waitFor();
    await look(`unproven${path.replaceAll('/', '-')}`);
  }
  await page.goto('/readings');
  await page.getByRole('heading', { name: m.account.unproven }).waitFor();
  await page.goto('/payments');
  await page.getByText(m.pay.none).waitFor();
  await expect(page.getByText(m.pay.nothing)).toHaveCount(0);
  await look('unproven-payments');
  await page.goto('/');
  await page.getByRole('heading', { name: m.home.number({ number: free.account_number }) }).waitFor();
  await look('unproven-home');
  await page.getByRole('link', { name: m.home.prove }).click();
  await expect(page.getByRole('textbox', { name: m.prove.number })).toHaveValue(free.account_number);
  await page.getByLabel(m.prove.period).selectOption(free.period);
  await page.getByLabel(m.prove.amount).fill(typed(free.amount));
  await page.getByRole('button', { name: m.prove.check, exact: true }).click();
  await page.getByRole('button', { name: m.prove.yes, exact: true }).click();
  // It is everywhere at once: its sections above it, and nothing that waits for a proof.
  await expect(page).toHaveURL(`/accounts/${free.account_number}`);
  await page.getByRole('navigation', { name: m.account.sections }).waitFor();
  await expect(page.getByRole('navigation', { name: m.nav.label }).getByRole('link', { name: m.nav.home })).toHaveAccessibleName(m.nav.home);
  await page.goto('/accounts/7099999999');
  await page.getByRole('heading', { name: m.account.notYours }).waitFor();
  await look('not-ours');
});

test('what an account tells comes in parts, and a part that failed is asked for again', async ({ page, m, resident, look, expected }) => {
  expected.push(/ERR_FAILED/);
  const number = resident.account.account_number;
  let cut = true;
  await page.route(`**/v1/accounts/${number}/suppliers`, (route) => (cut ? route.abort() : route.continue()));
  let let_through = (): void => undefined;
  const held = new Promise<void>((resolve) => (let_through = resolve));
  await page.route(`**/v1/accounts/${number}`, async (route) => { await held; await route.continue(); });
  await page.goto(`/accounts/${number}`);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.getByRole('status').filter({ hasText: m.loading }).waitFor();
  await look('loading');
  let_through();
  await page.getByRole('heading', { name: m.account.facts }).waitFor();
  const suppliers = page.locator('section').filter({ has: page.getByRole('heading', { name: m.account.suppliers }) });
  await suppliers.getByRole('alert').waitFor();
  await look('suppliers-lost');
  cut = false;
  await suppliers.getByRole('button', { name: m.retry }).click();
  await suppliers.getByText('Озёрный водоканал').waitFor();
});
