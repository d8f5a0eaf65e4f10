/** Forgotten passwords, and the links of letters. */
import { freshEmail, registered } from './entering';
import { expect, test } from './lkk';

test('a forgotten password is set by the letter’s link, which works once', async ({ page, request, m, phone, local, look }) => {
  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const email = freshEmail(phone);
  const api = await registered(request, local, phone);
  await api.call('patch', '/v1/me', { email });
  const token = async () => new URLSearchParams((await local.link(email)).split('?')[1]).get('token');
  await api.call('post', '/v1/email-confirmations', { token: await token() });

  await test.step('asking says nothing of who is known', async () => {
    await page.goto('/sign-in?step=password');
    await page.getByRole('link', { name: m.signIn.forgot }).click();
    await page.getByLabel(m.reset.ask).fill('без собаки');
    await button(m.reset.send).click();
    await page.getByText(m.email.wrong).waitFor();
    await look('address-refused');
    await page.getByLabel(m.reset.ask).fill(email.toUpperCase());
    await button(m.reset.send).click();
    await page.getByText(m.reset.sent({ email: email.toUpperCase() })).waitFor();
    await look('asked');
  });

  await test.step('the link sets a password', async () => {
    await expect.poll(async () => await local.link(email)).toContain('/reset-password?');
    const link = await local.link(email);
    await page.goto(link);
    const password = page.getByLabel(m.password.new, { exact: true });
    await password.fill('sosna77');
    await button(m.save).click();
    await expect(page.locator('li.broken')).toHaveCount(1);
    await look('rules');
    await password.fill('Sosna7Bereza');
    await button(m.save).click();
    await page.getByRole('heading', { name: m.reset.done }).waitFor();
    await look('changed');
    await page.goto(link);
    await page.getByLabel(m.password.new, { exact: true }).fill('Bereza7Sosna');
    await button(m.save).click();
    await page.getByRole('heading', { name: m.email.gone }).waitFor();
    await look('link-gone');
  });

  await test.step('and one signs in with it, by the confirmed address', async () => {
    await page.goto('/sign-in?step=password&next=/profile');
    await page.getByLabel(m.signIn.login).fill(email);
    await page.getByLabel(m.signIn.password, { exact: true }).fill('Sosna7Bereza');
    await button(m.signIn.enter).click();
    await page.getByRole('heading', { name: m.profile.title, exact: true }).waitFor();
  });
});

test('a code that is asked for too early names the wait', async ({ page, request, m, phone, local, look }) => {
  await registered(request, local, phone);
  await page.goto('/reset-password');
  await page.getByRole('link', { name: m.reset.byCodeGo }).click();
  await page.getByLabel(m.signIn.phone).fill(phone);
  await page.getByRole('button', { name: m.signIn.getCode, exact: true }).click();
  await expect(page.getByRole('alert')).toContainText(/\d/);
  await look('too-early');
});

test('a link of a letter: used up, taken by somebody else, and without a connection', async ({ page, request, m, phone, newcomer, local, look, expected }) => {
  const email = freshEmail(phone);
  const heading = (name: string) => page.getByRole('heading', { name, exact: true });
  await newcomer.api.call('patch', '/v1/me', { email });
  const link = await local.link(email);

  await test.step('one that never was: another letter may be sent', async () => {
    await page.goto('/confirm-email?token=nothing');
    await heading(m.email.gone).waitFor();
    await look('gone');
    await page.getByRole('button', { name: m.email.letterTo({ email }) }).click();
    await page.getByText(m.email.letterSent({ email })).waitFor();
    await expect.poll(async () => (await local.inbox(email)).length).toBe(2);
  });

  await test.step('nobody answers: it is tried again', async () => {
    expected.push(/ERR_FAILED|Failed to load resource/);
    await page.route('**/v1/email-confirmations', (route) => route.abort());
    await page.goto(link);
    await heading(m.email.unreachable).waitFor();
    await look('unreachable');
  });

  await test.step('somebody else was first', async () => {
    const other = await registered(request, local, phone.replace(/^\+7900\d/, '+79000'));
    await other.call('patch', '/v1/me', { email });
    await expect.poll(async () => (await local.inbox(email)).length).toBe(3);
    const theirs = new URLSearchParams((await local.link(email)).split('?')[1]).get('token');
    await other.call('post', '/v1/email-confirmations', { token: theirs });
    await page.unroute('**/v1/email-confirmations');
    await page.getByRole('button', { name: m.retry, exact: true }).click();
    await heading(m.email.taken).waitFor();
    await look('taken');
  });
});
