/** What keeps access is changed only by whoever shows again that it is they. */
import { expect, freePhone, test } from './lkk';

test('long after the code a new phone needs the password or another code, and what was typed stays', async ({ page, m, newcomer, local, look }) => {
  const next = freePhone();
  await newcomer.api.call('put', '/v1/me/password', { new_password: 'Sosna7Bereza' });
  await local.advance(11 * 60);

  await test.step('the password', async () => {
    await page.goto('/profile/phone');
    await page.getByLabel(m.profile.phoneNew).fill(next);
    await page.getByRole('button', { name: m.signIn.getCode }).click();
    await page.getByText(m.profile.proveByEither).waitFor();
    const password = page.getByLabel(m.profile.currentPassword);
    await password.fill('Kedr8Olha');
    await password.press('Enter');
    await expect(password).toBeFocused();
    await expect(password).toHaveAttribute('aria-invalid', 'true');
    await look('password-wrong');
    await password.fill('Sosna7Bereza');
    await password.press('Enter');
    await page.getByLabel(m.signIn.code).waitFor();
    await page.getByRole('button', { name: m.signIn.otherPhone }).click();
    await expect(page.getByLabel(m.profile.phoneNew)).toHaveValue(/^\+7 900/);
  });

  await test.step('a code to the old number', async () => {
    await page.reload();
    await page.getByLabel(m.profile.phoneNew).fill(freePhone());
    await page.getByRole('button', { name: m.signIn.getCode }).click();
    await page.getByRole('link', { name: m.password.codeAgain }).click();
    const before = (await local.inbox(newcomer.phone))[0]?.text.match(/\d{6}/)?.[0];
    await page.getByRole('button', { name: m.signIn.getCode }).click();
    await page.getByLabel(m.signIn.code).fill(await local.code(newcomer.phone, before));
    await expect(page).toHaveURL('/profile/phone');
    await expect(page.getByLabel(m.profile.phoneNew)).toHaveValue(/^\+7 900/);
    await page.getByRole('button', { name: m.signIn.getCode }).click();
    await page.getByLabel(m.signIn.code).waitFor();
    await look('code-on-its-way');
    // This browser is still one device.
    await page.goto('/profile/devices');
    await page.getByText(m.profile.noOthers).waitFor();
  });

  await test.step('without the password the new one needs a code, too', async () => {
    await local.advance(11 * 60);
    await page.goto('/profile/password');
    await page.getByLabel(m.password.new).fill('Kedr8Olha');
    await page.getByLabel(m.password.new).press('Enter');
    await page.getByText(m.password.codeOld).waitFor();
    await look('new-password-refused');
  });
});
