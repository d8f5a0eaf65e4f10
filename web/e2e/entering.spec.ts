/** Signing in: by phone and code, with a password, and what is told when it does not work. */
import { freshEmail, otherCode, registered } from './entering';
import { waitOf } from '../src/domain/dates';
import { expect, test } from './lkk';

test('a phone is typed as people type it, and codes are counted', async ({ page, m, phone, local, look }) => {
  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const field = page.getByLabel(m.signIn.phone);
  const code = page.getByLabel(m.signIn.code);

  await test.step('the phone arranges itself, pasted or edited in the middle', async () => {
    await page.goto('/sign-in');
    await button(m.signIn.getCode).click();
    await expect(field).toBeFocused();
    await page.getByText(m.signIn.phoneWrong).waitFor();
    await look('phone-empty');
    await field.pressSequentially('8900 123');
    await expect(field).toHaveValue('+7 900 123');
    await field.press('Home');
    for (let n = 0; n < 4; n += 1) await field.press('ArrowRight');
    await field.press('5');
    await expect(field).toHaveValue('+7 950 012-3');
    expect(await field.evaluate((input: HTMLInputElement) => input.selectionStart)).toBe(5);
    await field.press('Backspace');
    await expect(field).toHaveValue('+7 900 123');
    await field.fill(`8 (${phone.slice(2, 5)}) ${phone.slice(5, 8)}-${phone.slice(8, 10)}-${phone.slice(10)}`);
    await expect(field).toHaveValue(`+7 ${phone.slice(2, 5)} ${phone.slice(5, 8)}-${phone.slice(8, 10)}-${phone.slice(10)}`);
  });

  await test.step('each consent has a box and a text of its own', async () => {
    await page.locator('summary').first().click();
    await expect(page.locator('details p').first()).toContainText(m.signIn.personalData.slice(0, 20));
    await page.getByLabel(m.signIn.personalData, { exact: true }).check();
    await expect(page.getByLabel(m.signIn.terms, { exact: true })).not.toBeChecked();
    await look('consents');
  });

  await test.step('a wrong code says how many tries are left, the last one asks for a new code', async () => {
    await button(m.signIn.getCode).click();
    await expect(code).toBeFocused();
    // A phone may drop the page while one reads the SMS.
    await page.reload();
    await page.getByText(m.signIn.sentTo({ phone: `+7 ${phone.slice(2, 5)} ${phone.slice(5, 8)}-${phone.slice(8, 10)}-${phone.slice(10)}` })).waitFor();
    await expect(code).toBeFocused();
    await expect(code).toHaveAttribute('autocomplete', 'one-time-code');
    await look('code');
    await button(m.signIn.enter).click();
    await page.getByText(m.signIn.codeEmpty).waitFor();
    const right = await local.code(phone);
    for (let n = 0; n < 4; n += 1) {
      await code.fill(otherCode(right, n));
      await expect(page.locator('form .error')).toContainText(String(4 - n));
    }
    await look('code-wrong');
    await code.fill(otherCode(right, 4));
    await page.getByRole('heading', { name: m.signIn.goneTitle }).waitFor();
    await page.getByText(m.signIn.noneLeft).waitFor();
    await look('code-over');
  });

  await test.step('back and forth: the phone stands as it was, and no code is wasted', async () => {
    await page.goBack();
    await expect(field).toHaveValue(/^\+7 900/);
    await button(m.signIn.getCode).click();
    await page.getByRole('heading', { name: m.signIn.codeTitle }).waitFor();
    expect(await local.inbox(phone)).toHaveLength(1);
  });
});

test('a newcomer who ticked nothing is asked at the code, and the code still works', async ({ page, m, phone, local, look }) => {
  await page.goto('/payments');
  await page.getByLabel(m.signIn.phone).fill(phone);
  await page.getByLabel(m.signIn.phone).press('Enter');
  await page.getByLabel(m.signIn.code).fill(await local.code(phone));
  await page.getByText(m.signIn.consentNeeded).waitFor();
  await page.getByRole('button', { name: m.signIn.enter, exact: true }).click();
  await expect(page.getByLabel(m.signIn.personalData, { exact: true })).toBeFocused();
  await page.getByText(m.signIn.consentAsk).waitFor();
  await look('consent-missing');
  await page.keyboard.press('Space');
  await page.getByRole('button', { name: m.signIn.enter, exact: true }).click();
  await page.getByText(m.welcome.hello).waitFor();
});

test('a password opens the cabinet, five wrong ones lock it, an unconfirmed address is told', async ({ page, request, m, phone, local, look, expected }) => {
  expected.push(/status of 401/);
  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const email = freshEmail(phone);
  const api = await registered(request, local, phone);
  await api.call('put', '/v1/me/password', { new_password: 'Sosna7Bereza' });
  await api.call('patch', '/v1/me', { email });

  await page.goto('/sign-in?next=/profile');
  await button(m.signIn.byPassword).click();
  await button(m.signIn.enter).click();
  await expect(page.getByLabel(m.signIn.login)).toBeFocused();
  await look('empty');

  await test.step('an address that is not confirmed opens nothing and gets another letter', async () => {
    await page.getByLabel(m.signIn.login).fill(email);
    await page.getByLabel(m.signIn.password, { exact: true }).fill('Sosna7Bereza');
    await button(m.password.show).click();
    await expect(page.getByLabel(m.signIn.password, { exact: true })).toHaveAttribute('type', 'text');
    await button(m.signIn.enter).click();
    await page.getByRole('alert').waitFor();
    await look('unconfirmed');
    await expect.poll(async () => (await local.inbox(email)).length).toBe(2);
  });

  await test.step('a device that is not one’s own forgets when the browser closes', async () => {
    await page.getByLabel(m.signIn.login).fill(`8${phone.slice(2)}`);
    await page.getByLabel(m.signIn.remember).uncheck();
    await button(m.signIn.enter).click();
    await page.getByRole('heading', { name: m.profile.title, exact: true }).waitFor();
    const cookie = async () => (await page.context().cookies()).find((each) => each.name === '__Secure-lkk-refresh');
    expect((await cookie())?.expires).toBe(-1);
    await page.reload();
    await page.getByRole('heading', { name: m.profile.title, exact: true }).waitFor();
    expect((await cookie())?.expires).toBe(-1);
    // The session has been gone on with, which gives the cookie anew.
    await page.getByRole('navigation', { name: m.nav.label }).waitFor();
    // The browser closes: its cookie is gone, and nobody is told that something ended.
    await page.context().clearCookies();
    await page.goto('/');
    await page.getByRole('heading', { name: m.signIn.title }).waitFor();
    await expect(page.getByText(m.signIn.ended)).toHaveCount(0);
  });

  await test.step('wrong passwords get one answer, then five minutes of rest', async () => {
    await button(m.signIn.byPassword).click();
    await page.getByLabel(m.signIn.login).fill(phone);
    for (let n = 0; n < 5; n += 1) {
      await page.getByLabel(m.signIn.password, { exact: true }).fill(`wrong${n}word`);
      await button(m.signIn.enter).click();
      await page.getByRole('alert').waitFor();
      if (!n) await look('wrong');
    }
    await button(m.signIn.enter).click();
    await page.getByText(m.signIn.locked({ wait: m.wait(waitOf(300)) })).waitFor();
    await look('locked');
    await button(m.signIn.byCode).click();
    await expect(page.getByLabel(m.signIn.phone)).toBeVisible();
  });

  await test.step('whoever cannot get in finds what to do', async () => {
    await page.getByRole('link', { name: m.signIn.lost }).click();
    await page.getByRole('heading', { name: m.lost.safeTitle }).waitFor();
    await look('lost-access');
  });
});
