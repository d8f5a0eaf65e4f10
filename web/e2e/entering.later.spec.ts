/** What time does to codes and passwords. */
import { registered } from './entering';
import { expect, test, typed } from './lkk';

test('codes are sent again, grow old, and open a new password only while they are fresh', async ({ page, request, m, phone, local, look }) => {
  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const code = page.getByLabel(m.signIn.code);
  await registered(request, local, phone);
  const used = await local.code(phone);
  await page.clock.install();
  /** Here and there alike. */
  const pass = async (seconds: number) => {
    await local.advance(seconds);
    await page.clock.fastForward(seconds * 1000);
  };
  await pass(60);

  await page.goto('/reset-password/new');
  await page.getByLabel(m.signIn.phone).fill(phone);
  await button(m.signIn.getCode).click();
  await page.getByText(m.signIn.slow).waitFor();
  const first = await local.code(phone, used);

  await test.step('another code after 45 seconds; the former one is over', async () => {
    await pass(50);
    await button(m.signIn.resend).click();
    await page.getByText(m.signIn.resent).waitFor();
    await look('resent');
    await code.fill(first);
    // It counts as a wrong one of the new challenge.
    await expect(page.locator('form .error')).toBeVisible();
  });

  await test.step('after ten minutes a code is gone', async () => {
    const second = await local.code(phone, first);
    await pass(660);
    await code.fill(second);
    await page.getByRole('heading', { name: m.signIn.goneTitle }).waitFor();
    await page.getByText(m.signIn.gone).waitFor();
    await look('gone');
    await button(m.signIn.newCode).click();
    await code.fill(await local.code(phone, second));
    await page.getByLabel(m.password.new, { exact: true }).waitFor();
  });

  await test.step('ten minutes after the code a password needs another one', async () => {
    await pass(660);
    await page.getByLabel(m.password.new, { exact: true }).fill('Sosna7Bereza');
    await button(m.save).click();
    await page.getByText(m.password.codeOld).waitFor();
    await look('not-fresh');
    const third = await local.code(phone);
    await page.getByRole('link', { name: m.password.codeAgain }).click();
    await page.getByRole('heading', { name: m.signIn.againTitle }).waitFor();
    await look('again');
    await button(m.signIn.getCode).click();
    await code.fill(await local.code(phone, third));
    await page.getByLabel(m.password.new, { exact: true }).fill('Sosna7Bereza');
    await button(m.save).click();
    await page.getByRole('heading', { name: m.reset.done }).waitFor();
    await look('changed');
  });

  await test.step('these were five codes in an hour: the wait is told in words', async () => {
    await page.goto('/sign-in?again=1&next=/');
    await pass(60);
    await button(m.signIn.getCode).click();
    await expect(page.getByRole('alert')).toContainText(/через\s\d+\sминут/);
    await look('too-many-codes');
  });
});

test('a proof that has grown old is asked for again, with what was typed', async ({ page, m, newcomer, free, local, look, expected }) => {
  // Its access token grows old as well; the page renews it.
  expected.push(/status of 401/);
  void newcomer;
  await page.goto(`/accounts/add?number=${free.account_number}`);
  await page.getByLabel(m.prove.period).selectOption(free.period);
  await page.getByLabel(m.prove.amount).fill(typed(free.amount));
  await page.getByRole('button', { name: m.prove.check, exact: true }).click();
  await page.getByText(free.address).waitFor();
  await local.advance(16 * 60);
  await page.getByRole('button', { name: m.prove.yes, exact: true }).click();
  await page.getByText(m.prove.expired).waitFor();
  await expect(page.getByLabel(m.prove.amount)).toHaveValue(typed(free.amount));
  await look('expired');
});
