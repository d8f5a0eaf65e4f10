// The main job in a browser, against a running system: node e2e/story.mjs http://localhost:8000 ru
import { code, expect, open } from './browser.mjs';

const [, , url, language] = process.argv;
const TEXTS = {
  ru: {
    view: { width: 390, height: 844, locale: 'ru-RU' }, typed: '8 (900) 333-01-01', phone: '+79003330101', number: 0,
    consent: 'Согласие на обработку', getCode: 'Получить код', tel: 'Номер телефона', code: 'Код из шести цифр', empty: 'Пока нет ни одного счёта', add: 'Добавить счёт',
    account: 'Номер лицевого счёта', amount: 'Сумма «К оплате»', period: 'Месяц квитанции', check: 'Проверить', mine: 'Да, добавить счёт',
    readings: 'Показания', checkReadings: 'Проверить и отправить', below: 'меньше предыдущего', preview: 'Проверьте перед отправкой', send: 'Отправить показания', accepted: 'Показания приняты', closed: 'Сейчас приём закрыт',
    pay: 'Оплатить', go: 'Перейти к оплате', paid: 'Оплачено', sum: 'Сумма', under: 'останется долгом', bill: 'Счёт за месяц', payments: 'Платежи', profile: 'Профиль', out: 'Выйти', signIn: 'Вход в кабинет',
  },
  en: {
    view: { width: 1280, height: 900, locale: 'en-GB', colorScheme: 'dark' }, typed: '+7 900 333 01 02', phone: '+79003330102', number: 1,
    consent: 'Consent to the processing', getCode: 'Get a code', tel: 'Phone number', code: 'Six-digit code', empty: 'No accounts yet', add: 'Add an account',
    account: 'Account number', amount: 'The amount to pay', period: 'Month of the bill', check: 'Check', mine: 'Yes, add the account',
    readings: 'Readings', checkReadings: 'Check and send', below: 'below', preview: 'Check before sending', send: 'Send the readings', accepted: 'The readings are accepted', closed: 'Closed now',
    pay: 'Pay', go: 'Go on to pay', paid: 'Paid', sum: 'Amount', under: 'stays a debt', bill: 'Bill of a month', payments: 'Payments', profile: 'Profile', out: 'Sign out', signIn: 'Sign in',
  },
};
const t = TEXTS[language];
const { page, troubles, audit, close } = await open(url, t.view);
const button = (name) => page.getByRole('button', { name, exact: true });
const heading = (name) => page.getByRole('heading', { name });
let step = 'start';

async function story() {
  const demo = await (await fetch(`${url}/_local/demo`)).json();
  const free = demo.free_accounts.filter((each) => each.amount > 0)[t.number];

  step = 'signing in';
  await page.goto('/');
  await heading(t.signIn).waitFor();
  await button(t.getCode).click();
  await page.getByText(language === 'ru' ? 'Введите десять цифр' : 'Enter the ten digits').waitFor();
  await audit('sign-in');
  await page.getByLabel(t.tel).fill(t.typed);
  await page.getByLabel(t.consent).check();
  await button(t.getCode).click();
  const right = await code(url, t.phone);
  await page.getByLabel(t.code).fill(right === '000000' ? '111111' : '000000');
  await page.locator('[aria-invalid]').waitFor();
  await audit('wrong-code');
  await page.getByLabel(t.code).fill(right);
  await heading(t.empty).waitFor();
  await audit('home-empty');
  const cookies = await page.context().cookies();
  const cookie = cookies.find((each) => each.name === '__Secure-lkk-refresh');
  expect('the refresh token in a cookie no script reads', cookie?.httpOnly && cookie.secure && cookie.sameSite === 'Strict' && cookie.path === '/v1/auth');

  step = 'proving an account';
  await page.getByRole('link', { name: t.add }).click();
  await page.getByLabel(t.account).fill(free.account_number);
  await page.getByLabel(t.period).selectOption(free.period);
  await page.getByLabel(t.amount).fill('1,01');
  await button(t.check).click();
  await page.locator('[aria-invalid]').first().waitFor();
  await audit('prove-refused');
  await page.getByLabel(t.amount).fill(`${Math.floor(free.amount / 100)},${String(free.amount % 100).padStart(2, '0')}`);
  await button(t.check).click();
  await button(t.mine).waitFor();
  await audit('prove-address');
  await button(t.mine).click();
  await page.locator('dl.facts').waitFor();
  await page.locator('figure').waitFor();
  await audit('account');

  step = 'submitting readings';
  const access = page.waitForResponse((answer) => answer.url().endsWith('/meters?limit=200'));
  await page.getByRole('link', { name: t.readings, exact: true }).click();
  const meters = (await (await access).json()).items;
  const first = meters[0];
  const fields = page.locator('fieldset').first().locator('input');
  await fields.first().waitFor();
  if (first.submit.open) {
    await fields.first().fill('0,1');
    await page.locator('[aria-invalid]').first().waitFor();
    await audit('readings-refused');
    for (const [place, zone] of first.zones.entries()) {
      const [whole, part = ''] = first.previous[zone].split('.');
      await fields.nth(place).fill(`${Number(whole) + 1}${part ? `,${part}` : ''}`);
    }
    await button(t.checkReadings).click();
    await heading(t.preview).waitFor();
    await audit('readings-check');
    await button(t.send).click();
    await heading(t.accepted).waitFor();
    await audit('readings-done');
  } else {
    await page.getByText(t.closed).waitFor();
    await audit('readings-closed');
  }

  step = 'paying';
  await page.goto(`/pay?account=${free.account_number}`);
  const sum = page.getByLabel(t.sum, { exact: true });
  await sum.waitFor();
  await sum.fill('100');
  await audit('pay');
  await page.getByRole('button', { name: t.go }).click();
  await page.waitForURL(/_stripe/);
  await page.goBack();
  await sum.waitFor();
  await sum.fill('123,45');
  await page.getByRole('button', { name: t.go }).click();
  await page.waitForURL(/_stripe/);
  await page.locator('input[name=number]').fill('4242 4242 4242 4242');
  await page.locator('input[name=expiry]').fill('12 / 34');
  await page.locator('input[name=cvc]').fill('123');
  const email = page.locator('input[name=email]');
  if (!(await email.inputValue())) await email.fill('resident@example.com');
  await page.locator('button[type=submit]').click();
  await page.waitForURL(/payments\/result\?/);
  await heading(new RegExp(`^${t.paid}$`)).waitFor();
  await audit('paid');

  step = 'looking at the bill';
  await page.goto(`/accounts/${free.account_number}`);
  await page.getByRole('link', { name: t.bill }).click();
  await page.locator('details summary').first().click();
  await audit('bill');

  step = 'the pages of links';
  await page.goto('/confirm-email?token=none');
  await page.getByRole('alert').waitFor();
  await audit('confirm-email');
  troubles.splice(0, troubles.length, ...troubles.filter((each) => !each.includes('status of 410')));
  await page.goto('/reset-password');
  await page.locator('form').waitFor();
  await audit('reset-password');

  step = 'home, payments, profile, leaving';
  await page.goto('/');
  await page.locator('.card').first().waitFor();
  await audit('home');
  await page.getByRole('link', { name: t.payments }).click();
  await page.locator('li a').first().waitFor();
  await audit('payments');
  await page.getByRole('link', { name: t.profile }).click();
  await button(t.out).waitFor();
  await audit('profile');
  await page.goto('/nowhere');
  await page.getByRole('heading', { level: 1 }).waitFor();
  await audit('nowhere');
  troubles.splice(0, troubles.length, ...troubles.filter((each) => !each.includes('status of 404')));
  await page.goto('/profile');
  await button(t.out).click();
  await heading(t.signIn).waitFor();
  await page.goto('/');
  await heading(t.signIn).waitFor();
}

try {
  await story();
} catch (error) {
  troubles.push(`${step}: ${error.message}`);
  if (process.env.PICTURES) await page.screenshot({ path: `${process.env.PICTURES}/failed-${language}.png`, fullPage: true });
} finally {
  await close();
}
for (const each of troubles) console.error(each);
console.log(troubles.length ? `${language}: ${troubles.length} troubles` : `${language}: the whole job, no violation`);
process.exit(troubles.length ? 1 : 0);
