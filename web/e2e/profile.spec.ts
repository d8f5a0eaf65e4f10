/** The profile: who one is, phone, e-mail, password, devices, notifications, consents, and leaving. */
import { shownPhone } from '../src/domain/phone';
import { en } from '../src/i18n/en';
import { ru } from '../src/i18n/ru';
import { expect, freePhone, test, type Shape } from './lkk';

test('names and a birth date are kept, refused with their field, and the language stays', async ({ page, m, lang, resident, look }) => {
  await page.goto('/profile');
  await page.getByRole('link', { name: m.account.of({ number: resident.account.account_number }) }).waitFor();
  await expect(page.getByRole('link', { name: m.home.add })).toHaveAttribute('href', '/accounts/add');
  await look('profile');
  await page.getByRole('link', { name: m.profile.sections.person }).click();
  const last = page.getByLabel(m.person.lastName);
  await last.fill('Ромашкин1');
  await last.press('Enter');
  await expect(last).toBeFocused();
  await expect(last).toHaveAttribute('aria-invalid', 'true');
  await last.fill('Ромашкин');
  await page.getByLabel(m.person.firstName).fill('Лев');
  for (const [part, typed] of [['day', '31'], ['month', '2'], ['year', '1980']] as const) await page.getByLabel(m.person[part], { exact: true }).fill(typed);
  await page.getByRole('button', { name: m.save }).click();
  await page.getByText(m.person.birthWrong).waitFor();
  await expect(page.getByLabel(m.person.day, { exact: true })).toBeFocused();
  await look('date-refused');
  await page.getByLabel(m.person.month, { exact: true }).fill('3');
  await page.getByRole('button', { name: m.save }).click();
  await page.getByText(m.saved, { exact: true }).waitFor();
  expect(await resident.api.call<Shape['Me']>('get', '/v1/me')).toMatchObject({ last_name: 'Ромашкин', first_name: 'Лев', middle_name: null, birth_date: '1980-03-31' });
  await page.getByRole('main').getByRole('link', { name: m.profile.title }).click();
  await page.getByText('Ромашкин Лев').waitFor();

  const [other, words] = lang === 'ru' ? (['en', en] as const) : (['ru', ru] as const);
  await page.getByLabel(m.profile.language, { exact: true }).selectOption(other);
  await page.getByRole('heading', { level: 1, name: words.profile.title }).waitFor();
  await expect.poll(async () => (await resident.api.call<Shape['Me']>('get', '/v1/me')).language).toBe(other);
  await page.getByLabel(words.profile.theme).selectOption('dark');
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await page.reload();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await page.getByRole('heading', { level: 1, name: words.profile.title }).waitFor();
});

test('one moves to another phone by the code that it got', async ({ page, m, newcomer, local, look }) => {
  const next = freePhone();
  await page.goto('/profile/phone');
  const field = page.getByLabel(m.profile.phoneNew);
  await field.fill('900');
  await field.press('Enter');
  await expect(page.getByText(m.signIn.phoneWrong)).toBeVisible();
  await field.fill(newcomer.phone);
  await field.press('Enter');
  await page.getByText(m.profile.samePhone).waitFor();
  await look('same-phone');
  await field.fill(`8${next.slice(2)}`);
  await field.press('Enter');
  const code = page.getByLabel(m.signIn.code);
  await expect(code).toBeFocused();
  await page.getByText(m.signIn.sentTo({ phone: shownPhone(next) })).waitFor();
  const right = await local.code(next);
  await code.fill(right === '000000' ? '111111' : '000000');
  await expect(code).toHaveAttribute('aria-invalid', 'true');
  await look('code-refused');
  await code.fill(right);
  await page.getByText(m.profile.phoneDone({ phone: shownPhone(next) })).waitFor();
  await look('moved');
  await local.idle();
  expect((await local.inbox(newcomer.phone))[0]?.text).not.toMatch(/\b\d{6}\b/);
  await page.getByRole('main').getByRole('link', { name: m.profile.title }).click();
  await page.getByRole('link', { name: shownPhone(next) }).waitFor();
});

test('an address is added, confirmed by its letter and removed; notifications say what cannot arrive', async ({ page, m, newcomer, local, look }) => {
  const address = `resident-${newcomer.phone.slice(1)}@example.com`;
  await page.goto('/profile/notifications');
  await page.getByText(m.profile.noLetters.none).waitFor();
  await look('no-address');
  await page.getByRole('main').getByRole('link', { name: m.profile.sections.email }).click();
  const field = page.getByLabel(m.profile.emailNew);
  await field.fill('resident');
  await field.press('Enter');
  await expect(page.getByText(m.email.wrong)).toBeVisible();
  await expect(field).toBeFocused();
  await look('email-refused');
  await field.fill(address);
  await field.press('Enter');
  await page.getByText(m.email.letterSent({ email: address })).waitFor();
  await page.getByText(m.profile.emailUnconfirmed).waitFor();
  await look('letter-sent');
  await page.goto('/profile');
  await page.getByRole('link', { name: m.profile.unconfirmed }).waitFor();
  await page.getByRole('link', { name: m.profile.sections.notifications }).click();
  await page.getByText(m.profile.noLetters.unconfirmed).first().waitFor();

  await page.goto(await local.link(address));
  await page.getByRole('heading', { name: m.email.doneTitle }).waitFor();
  await page.goto('/profile/notifications');
  const readings = page.getByRole('group', { name: m.profile.kinds.readings.name });
  await expect(page.getByText(m.profile.noLetters.unconfirmed)).toHaveCount(0);
  await expect(page.getByRole('group', { name: m.profile.kinds.payments.name }).getByLabel(m.profile.channels.sms)).toBeDisabled();
  await readings.getByLabel(m.profile.channels.email).focus();
  await page.keyboard.press('Space');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Space');
  await expect(readings.getByRole('status')).toHaveText(m.saved);
  await look('notifications');
  await page.reload();
  await expect(readings.getByLabel(m.profile.channels.sms)).toBeChecked();
  await expect(readings.getByLabel(m.profile.channels.email)).not.toBeChecked();
  expect((await newcomer.api.call<Shape['Notifications']>('get', '/v1/me/notifications')).readings).toEqual(['sms', 'push']);

  await page.goto('/profile/email');
  await page.getByText(m.profile.emailConfirmed).waitFor();
  await page.getByRole('button', { name: m.profile.emailRemove }).click();
  const dialog = page.getByRole('dialog', { name: m.profile.emailRemoveAsk });
  await look('removing-address');
  await dialog.getByRole('button', { name: m.profile.emailRemove }).click();
  await page.getByText(m.profile.emailRemoved).waitFor();
  await page.getByText(m.profile.emailNone).waitFor();
});

test('a password is set and changed, other devices are seen and signed out', async ({ page, browser, baseURL, m, newcomer, look }) => {
  await page.goto('/profile/password');
  const fresh = page.getByLabel(m.password.new);
  await page.getByText(m.password.length({ n: 6 })).waitFor();
  await fresh.fill('aa11');
  await fresh.press('Enter');
  await expect(fresh).toHaveAttribute('aria-invalid', 'true');
  await look('password-refused');
  await fresh.fill('Sosna7Bereza');
  await fresh.press('Enter');
  await page.getByText(m.profile.passwordDone).waitFor();
  await page.getByLabel(m.profile.currentPassword).fill('Kedr8Olha');
  await fresh.fill('Kedr8Olha');
  await fresh.press('Enter');
  await expect(page.getByLabel(m.profile.currentPassword)).toHaveAttribute('aria-invalid', 'true');
  await look('current-refused');
  await page.getByLabel(m.profile.currentPassword).fill('Sosna7Bereza');
  await fresh.press('Enter');
  await page.getByText(m.profile.passwordDone).waitFor();

  await page.goto('/profile/devices');
  await page.getByText(m.profile.noOthers).waitFor();
  const elsewhere = await browser.newContext({ baseURL });
  for (const agent of ['Firefox/130.0 Windows', 'Safari/17.0 iPhone', 'Firefox/130.0 Android']) {
    const answer = await elsewhere.request.post('/v1/auth/password', { data: { login: newcomer.phone, password: 'Kedr8Olha' }, headers: { 'User-Agent': agent } });
    expect(answer.ok(), `${agent}: ${answer.status()} ${await answer.text()}`).toBeTruthy();
  }
  await elsewhere.close();
  await page.reload();
  await page.getByText(m.profile.thisOne).waitFor();
  await expect(page.getByRole('button', { name: m.profile.end })).toHaveCount(3);
  await look('devices');
  await page.getByRole('button', { name: /iPhone/ }).click();
  await page.getByText(m.profile.deviceEnded({ device: 'Safari, iPhone' })).waitFor();
  await expect(page.getByRole('button', { name: m.profile.end })).toHaveCount(2);
  await page.getByRole('button', { name: m.profile.endOthers }).click();
  await look('ending-others');
  await page.getByRole('dialog').getByRole('button', { name: m.profile.endOthers }).click();
  await page.getByText(m.profile.noOthers).waitFor();
  expect((await newcomer.api.call<Shape['DevicesOut']>('get', '/v1/auth/sessions')).items).toHaveLength(1);

  await page.goto('/profile');
  await page.getByRole('button', { name: m.profile.outEverywhere }).click();
  await look('out-everywhere');
  await page.getByRole('dialog').getByRole('button', { name: m.profile.outEverywhere }).click();
  await page.getByRole('heading', { name: m.signIn.title }).waitFor();
});

test('consents are read, given and withdrawn; without the one for personal data there is no cabinet', async ({ page, m, resident, local, look }) => {
  const card = (kind: 'personal_data' | 'terms' | 'email_notices' | 'marketing') => page.locator('section').filter({ has: page.getByRole('heading', { name: m.profile.consents[kind].name }) });
  await page.goto('/profile/consents');
  await card('marketing').getByText(m.profile.neverGiven).waitFor();
  await card('marketing').locator('summary').click();
  await look('consents');
  await card('marketing').getByRole('button', { name: m.profile.give }).click();
  await card('marketing').getByRole('button', { name: m.profile.withdraw }).click();
  await look('withdrawing');
  const dialog = page.getByRole('dialog', { name: m.profile.withdrawAsk });
  await dialog.getByRole('button', { name: m.profile.withdraw }).click();
  await card('marketing').getByRole('button', { name: m.profile.give }).waitFor();
  await expect(card('terms').getByRole('button', { name: m.profile.withdraw })).toHaveCount(0);
  const given = (await resident.api.call<Shape['ConsentsOut']>('get', '/v1/me/consents')).items;
  expect(given.find((each) => each.kind === 'marketing')).toMatchObject({ channel: 'web', withdrawn_at: expect.any(String) });

  await card('personal_data').getByRole('button', { name: m.profile.withdraw }).click();
  await look('leaving');
  await dialog.getByRole('button', { name: m.profile.leave }).click();
  await page.getByRole('heading', { name: m.signIn.title }).waitFor();
  expect((await resident.api.call<Shape['AccountsOut']>('get', '/v1/accounts')).items).toEqual([]);
  const asked = await page.request.post('/v1/auth/refresh', { data: {}, headers: { 'X-Refresh-Token': 'cookie' } });
  expect(asked.status()).toBe(401);

  await local.advance(46); // another code is sent after 45 seconds
  const before = (await local.inbox(resident.phone))[0]?.text.match(/\d{6}/)?.[0];
  await page.getByLabel(m.signIn.phone).fill(resident.phone);
  await page.getByRole('button', { name: m.signIn.getCode }).click();
  await page.getByLabel(m.signIn.code).fill(await local.code(resident.phone, before));
  await page.getByText(m.signIn.consentNeeded).waitFor();
  await page.getByLabel(m.signIn.personalData, { exact: true }).check();
  await page.getByRole('button', { name: m.signIn.enter, exact: true }).click();
  await page.getByRole('heading', { name: m.home.none }).waitFor();
});

test('a section on its way, and one that did not come', async ({ page, m, newcomer, look, expected }) => {
  expected.push(/ERR_FAILED/);
  let cut = true;
  await page.route('**/v1/consent-texts', (route) => (cut ? route.abort() : route.continue()));
  let let_through = (): void => undefined;
  const held = new Promise<void>((resolve) => (let_through = resolve));
  await page.route('**/v1/me', async (route) => { await held; await route.continue(); });
  await page.goto('/profile/consents');
  await page.getByRole('heading', { level: 1, name: m.profile.sections.consents }).waitFor();
  await page.getByRole('status').filter({ hasText: m.loading }).waitFor();
  await look('loading');
  let_through();
  await page.getByRole('alert').waitFor();
  await look('lost');
  cut = false;
  await page.getByRole('button', { name: m.retry }).click();
  await page.getByRole('heading', { name: m.profile.consents.terms.name }).waitFor();
  expect(newcomer.phone).toBeTruthy();
});
