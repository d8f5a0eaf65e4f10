/** A newcomer's way: the guide of three steps, its ways out, and accounts that are proven or not. */
import { freshEmail, registered } from './entering';
import { expect, test, typed, type Local, type Shape } from './lkk';
import type { Page } from '@playwright/test';
import { waitOf } from '../src/domain/dates';
import type { Messages } from '../src/i18n/ru';

async function begin(page: Page, m: Messages, phone: string, local: Local): Promise<void> {
  await page.goto('/sign-in');
  await page.getByLabel(m.signIn.phone).fill(phone);
  await page.getByLabel(m.signIn.personalData, { exact: true }).check();
  await page.getByRole('button', { name: m.signIn.getCode, exact: true }).click();
  await page.getByLabel(m.signIn.code).fill(await local.code(phone));
  await page.getByText(m.welcome.hello).waitFor();
}

test('a newcomer proves an account, tells a name, sets a password and never sees the guide again', async ({ page, m, phone, free, local, look }) => {
  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const heading = (name: string) => page.getByRole('heading', { name, exact: true });
  const email = freshEmail(phone);

  await test.step('the account: refused with what to look at, proven by the bill', async () => {
    await begin(page, m, phone, local);
    await expect(page.locator('[aria-current=step]')).toHaveText(m.guide.steps[0]!);
    await page.getByLabel(m.prove.number).waitFor();
    await look('account');
    await button(m.prove.check).click();
    await expect(page.getByLabel(m.prove.number)).toBeFocused();
    await page.getByText(m.prove.numberWrong).waitFor();
    await page.getByText(m.prove.amountWrong).waitFor();
    await page.getByLabel(m.prove.number).fill(free.account_number);
    await page.getByLabel(m.prove.period).selectOption(free.period);
    await page.getByLabel(m.prove.amount).fill('1,01');
    await page.getByLabel(m.prove.amount).press('Enter');
    await page.getByText(m.prove.failed).waitFor();
    await page.getByText(m.prove.amountNotFit).waitFor();
    await look('account-refused');
    await page.getByLabel(m.prove.amount).fill(typed(free.amount));
    await button(m.prove.check).click();
    await heading(m.prove.isItYours).waitFor();
    await expect(page.getByText(free.address)).toBeVisible();
    await look('address');
  });

  await test.step('an address that is not theirs adds nothing, and Back goes back', async () => {
    await button(m.prove.no).click();
    await heading(m.prove.notMine).waitFor();
    await look('not-mine');
    await page.goBack();
    await heading(m.prove.isItYours).waitFor();
    await page.getByLabel(m.prove.name).fill('Дом');
    await button(m.prove.yes).click();
    await heading(m.welcome.personTitle).waitFor();
  });

  await test.step('left here, it goes on here', async () => {
    await page.getByRole('link', { name: m.welcome.later }).click();
    await heading(m.guide.unfinished).waitFor();
    await page.reload();
    await heading(m.guide.unfinished).waitFor();
    await look('home-unfinished');
    await page.getByRole('link', { name: m.guide.goOn, exact: true }).click();
    await heading(m.welcome.personTitle).waitFor();
  });

  await test.step('name and e-mail', async () => {
    await button(m.welcome.next).click();
    await expect(page.getByLabel(m.person.lastName)).toBeFocused();
    await page.getByLabel(m.welcome.email).fill('нет собаки');
    await page.getByLabel(m.person.day).fill('31');
    await page.getByLabel(m.person.month).fill('2');
    await page.getByLabel(m.person.year).fill('1980');
    await page.getByLabel(m.person.firstName).fill('Проба2');
    await page.getByLabel(m.person.lastName).fill('Примерова');
    await button(m.welcome.next).click();
    await page.getByText(m.email.wrong).waitFor();
    await page.getByText(m.person.birthWrong).waitFor();
    await look('person-refused');
    await page.getByLabel(m.welcome.email).fill(email);
    await page.getByLabel(m.person.month).fill('3');
    await button(m.welcome.next).click();
    // What the server alone knows stands at its field too.
    await expect(page.getByLabel(m.person.firstName)).toBeFocused();
    await page.getByLabel(m.person.firstName).fill('Проба');
    await page.getByLabel(m.welcome.notices).check();
    await button(m.welcome.next).click();
    await heading(m.welcome.passwordTitle).waitFor();
    await button(m.welcome.back).click();
    await expect(page.getByLabel(m.person.year)).toHaveValue('1980');
    await expect(page.getByLabel(m.welcome.notices)).toBeChecked();
    await button(m.welcome.next).click();
  });

  await test.step('a password whose rules tick, and what comes next', async () => {
    const password = page.getByLabel(m.password.new, { exact: true });
    const kept = page.locator('li.kept');
    await password.pressSequentially('ab!');
    await expect(kept).toHaveText([m.password.repeated + m.password.kept]);
    await button(m.welcome.savePassword).click();
    await expect(password).toBeFocused();
    await page.getByText(m.password.unmet).waitFor();
    await look('password-refused');
    await password.fill('qwerty');
    await expect(kept).toHaveCount(3);
    await button(m.welcome.savePassword).click();
    await page.getByText(m.password.common).waitFor();
    await look('password-common');
    await password.fill('Sosna7Bereza');
    await button(m.welcome.savePassword).click();
    await heading(m.welcome.doneTitle).waitFor();
    await page.getByText(email).waitFor();
    await look('done');
    await page.getByRole('link', { name: m.welcome.toCabinet }).click();
    await page.getByRole('heading', { name: m.home.accounts }).waitFor();
    await expect(page.getByText(m.guide.unfinished)).toHaveCount(0);
    await page.goto('/welcome');
    await page.getByRole('heading', { name: m.home.accounts }).waitFor();
  });

  await test.step('the letter of the end confirms the address, once', async () => {
    const link = await local.link(email);
    await page.goto(link);
    await heading(m.email.doneTitle).waitFor();
    await expect(page).toHaveURL(/\/confirm-email$/);
    await look('email-confirmed');
    await page.goto(link);
    await heading(m.email.doneTitle).waitFor();
  });
});

test('without a bill at hand: an account by its number, an application, and a proof by question later', async ({ page, request, m, phone, free, local, look }) => {
  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const heading = (name: string) => page.getByRole('heading', { name, exact: true });
  await begin(page, m, phone, local);

  await test.step('an application for an address that is not found', async () => {
    await page.getByRole('link', { name: m.prove.apply }).click();
    await page.getByLabel(m.apply.city).waitFor();
    await button(m.apply.send).click();
    await expect(page.getByLabel(m.apply.city)).toBeFocused();
    await look('application-refused');
    for (const [label, value] of [[m.apply.city, 'Светлоозёрск'], [m.apply.street, 'Новая'], [m.apply.house, '7/2'], [m.apply.flat, '5'],
      [m.person.lastName, 'Примерова'], [m.person.firstName, 'Проба'], [m.apply.email, freshEmail(phone)]] as const) await page.getByLabel(label, { exact: true }).fill(value);
    await button(m.apply.send).click();
    await heading(m.apply.accepted).waitFor();
    await look('application-accepted');
    await page.getByRole('link', { name: m.apply.goOn }).click();
    await expect(page.getByLabel(m.person.lastName)).toHaveValue('Примерова');
  });

  await test.step('an account without proof, and what that limits', async () => {
    await button(m.welcome.back).click();
    await button(m.prove.skip).click();
    await heading(m.prove.skipTitle).waitFor();
    await page.getByText(m.prove.limits[0]!).waitFor();
    await button(m.prove.skipAdd).click();
    await page.getByText(m.prove.numberWrong).waitFor();
    await page.getByLabel(m.prove.number).fill(free.account_number);
    await look('without-proof');
    await button(m.prove.skipAdd).click();
    await heading(m.welcome.personTitle).waitFor();
    await button(m.welcome.next).click();
    await heading(m.welcome.passwordTitle).waitFor();
    await button(m.welcome.withoutPassword).click();
    await heading(m.welcome.doneTitle).waitFor();
    await look('done-unproven');
  });

  await test.step('proven later by the control question', async () => {
    await page.getByRole('link', { name: m.home.prove }).click();
    await expect(page.getByLabel(m.prove.number)).toHaveValue(free.account_number);
    await page.getByLabel(m.prove.period).selectOption(free.period);
    await button(m.prove.askQuestion).click();
    const question = page.getByLabel(new RegExp(m.prove.placeCharged));
    await question.fill('1,01');
    await button(m.prove.check).click();
    await page.getByText(m.prove.failed).waitFor();
    await look('question-refused');
    // The answer stands on the bill, which another of the household can read.
    const other = await registered(request, local, phone.replace(/^\+7900\d/, '+79000'));
    const { proof_id } = await other.call<Shape['ProofOut']>('post', '/v1/account-proofs', { account_number: free.account_number, period: free.period, amount: free.amount });
    await other.call('post', '/v1/accounts', { proof_id });
    const bill = await other.call<Shape['BillOut']>('get', `/v1/accounts/${free.account_number}/bills/${free.period}`);
    await question.fill(typed(bill.charged.amount));
    await button(m.prove.check).click();
    await button(m.prove.yes).click();
    await page.waitForURL(new RegExp(`/accounts/${free.account_number}$`));
  });
});

test('without a connection, and after too many wrong figures, the page says what can be done', async ({ page, m, newcomer, free, look, expected }) => {
  const button = (name: string) => page.getByRole('button', { name, exact: true });

  await test.step('the months are not known: it is tried again', async () => {
    expected.push(/ERR_FAILED|Failed to load resource/);
    await page.route('**/v1/account-questions', (route) => route.abort());
    await page.goto('/accounts/add');
    await page.getByText(m.trouble.unreachable).waitFor();
    await look('unreachable');
    await page.unroute('**/v1/account-questions');
    await button(m.retry).click();
    await page.getByLabel(m.prove.number).waitFor();
  });

  await test.step('five wrong proofs a day', async () => {
    for (let n = 0; n < 5; n += 1) {
      const account_number = `99${newcomer.phone.slice(-8)}${n}`;
      await expect(newcomer.api.call('post', '/v1/account-proofs', { account_number, period: free.period, amount: 101 })).rejects.toThrow('proof_failed');
    }
    await page.getByLabel(m.prove.number).fill(free.account_number);
    await page.getByLabel(m.prove.amount).fill(typed(free.amount));
    await button(m.prove.check).click();
    await expect(page.getByRole('alert')).toContainText(m.trouble.later({ wait: m.wait(waitOf(24 * 3600)) }));
    await look('too-many');
    await button(m.prove.skip).click();
    await expect(page.getByLabel(m.prove.number)).toHaveValue(free.account_number);
  });
});
