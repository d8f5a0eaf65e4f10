/** The whole main job as one story: sign in, prove an account, readings, payment, bill. */
import { expect, payByCard, test, typed, type Shape } from './lkk';

test('a resident signs in, proves an account, sends readings, pays and sees it paid', async ({ page, m, phone, free, local, look }) => {
  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const heading = (name: string | RegExp) => page.getByRole('heading', { name });
  const wrong = page.locator('[aria-invalid]').first();

  await test.step('signing in', async () => {
    await page.goto('/');
    await heading(m.signIn.title).waitFor();
    await button(m.signIn.getCode).click();
    await page.getByText(m.signIn.phoneWrong).waitFor();
    await look('phone-refused');
    await page.getByLabel(m.signIn.phone).fill(`8 (${phone.slice(2, 5)}) ${phone.slice(5, 8)}-${phone.slice(8, 10)}-${phone.slice(10)}`);
    await page.getByLabel(m.signIn.personalData, { exact: true }).check();
    await button(m.signIn.getCode).click();
    const code = await local.code(phone);
    await page.getByLabel(m.signIn.code).fill(code === '000000' ? '111111' : '000000');
    await wrong.waitFor();
    await look('code-refused');
    await page.getByLabel(m.signIn.code).fill(code);
    // The guide of newcomers is a story of its own.
    await page.getByRole('link', { name: m.welcome.later }).click();
    await heading(m.home.none).waitFor();
    await look('home-empty');
    const cookie = (await page.context().cookies()).find((each) => each.name === '__Secure-lkk-refresh');
    expect(cookie).toMatchObject({ httpOnly: true, secure: true, sameSite: 'Strict', path: '/v1/auth' });
  });

  await test.step('proving an account', async () => {
    await page.getByRole('link', { name: m.home.add }).click();
    await page.getByLabel(m.prove.number).fill(free.account_number);
    await page.getByLabel(m.prove.period).selectOption(free.period);
    await page.getByLabel(m.prove.amount).fill('1,01');
    await button(m.prove.check).click();
    await wrong.waitFor();
    await look('proof-refused');
    await page.getByLabel(m.prove.amount).fill(typed(free.amount));
    await button(m.prove.check).click();
    await button(m.prove.yes).waitFor();
    await look('is-it-yours');
    await button(m.prove.yes).click();
    await heading(m.account.facts).waitFor();
    await page.locator('figure').first().waitFor();
    await look('account');
  });

  await test.step('sending readings', async () => {
    const told = page.waitForResponse((answer) => answer.url().endsWith('/meters?limit=200'));
    await page.getByRole('main').getByRole('link', { name: m.account.readings, exact: true }).first().click();
    const first = ((await (await told).json()) as Shape['MetersOut']).items[0]!;
    const fields = page.locator('fieldset').first().locator('input');
    await fields.first().fill('0,1');
    await wrong.waitFor();
    await look('reading-refused');
    for (const [place, zone] of first.zones.entries()) {
      const [whole, part = ''] = (first.previous[zone] ?? '0').split('.');
      await fields.nth(place).fill(`${Number(whole) + 1}${part ? `,${part}` : ''}`);
    }
    await button(m.readings.check).click();
    await heading(m.readings.previewTitle).waitFor();
    await look('readings-check');
    await button(m.readings.send).click();
    await heading(m.readings.done).waitFor();
    await look('readings-done');
  });

  await test.step('paying', async () => {
    await page.goto(`/pay?account=${free.account_number}`);
    await page.getByLabel(m.pay.amount, { exact: true }).fill('123,45');
    await look('pay');
    await page.locator('button[type=submit], form button.button').last().click();
    await payByCard(page);
    await page.waitForURL(/payments\/result\?/);
    await heading(new RegExp(`^${m.result.paid}$`)).waitFor();
    await look('paid');
  });

  await test.step('looking at the bill', async () => {
    await page.goto(`/accounts/${free.account_number}/bills`);
    await page.locator('details summary').first().click();
    await look('bill');
  });

  await test.step('leaving', async () => {
    await page.goto('/profile');
    await button(m.profile.out).click();
    await heading(m.signIn.title).waitFor();
    await page.goto('/');
    await heading(m.signIn.title).waitFor();
  });
});
