/** The code of a bill from pictures: it fills the form, and what is no bill is told. */
import { billText, modules, picture, type Look } from './entering';
import { expect, test, typed } from './lkk';

test('a bill’s code is read from pictures of any kind and fills the form', async ({ page, m, newcomer, free, look }) => {
  void newcomer;
  const { account_number: account, period, amount } = free;
  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const dialog = page.getByRole('dialog');
  const number = page.getByLabel(m.prove.number);

  async function choose(code: boolean[][] | null, kind: Look): Promise<void> {
    const buffer = await picture(page, code, kind);
    await dialog.locator('input[type=file]').setInputFiles({ name: 'photo', mimeType: kind.type, buffer });
  }

  await page.goto('/accounts/add');
  await number.waitFor();

  await test.step('without a camera a picture is asked for; the keyboard closes the window and comes back', async () => {
    await button(m.prove.scan).press('Enter');
    await dialog.getByText(m.scan.noneText).waitFor();
    await look('no-camera');
    await page.keyboard.press('Escape');
    await expect(dialog).toHaveCount(0);
    await expect(button(m.prove.scan)).toBeFocused();
    await button(m.prove.scan).press('Enter');
  });

  await test.step('what is no bill is told, and another picture may follow', async () => {
    await choose(null, { width: 800, height: 600, side: 300, type: 'image/jpeg' });
    await dialog.getByText(m.scan.noCode, { exact: true }).waitFor();
    await choose(modules('https://cabinet.example/pay?id=1'), { width: 800, height: 600, side: 300, type: 'image/png' });
    await dialog.getByText(m.scan.notBill, { exact: true }).waitFor();
    await look('another-code');
    await choose(modules('ST00012|Name=A|PersonalAcc=40702810138250123017|BankName=B|BIC=044525225|CorrespAcc=30101810400000000225|Sum=100'), { width: 800, height: 600, side: 300, type: 'image/png' });
    await dialog.getByText(m.scan.noAccount, { exact: true }).waitFor();
    await dialog.locator('input[type=file]').setInputFiles({ name: 'bill.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('no picture') });
    await dialog.getByText(m.scan.noPicture, { exact: true }).waitFor();
  });

  await test.step('a bill of long ago gives its number alone', async () => {
    await choose(modules(billText(2, account, '2024-01', amount)), { width: 700, height: 700, side: 500, type: 'image/png' });
    await expect(dialog).toHaveCount(0);
    await expect(number).toHaveValue(account);
    await expect(page.getByLabel(m.prove.amount)).toHaveValue('');
    // Who listens to the page hears what the code has told.
    await expect(page.locator(':focus')).toContainText(m.prove.filledOld({ period: '' }).trim().slice(0, 8));
    await look('old-bill');
  });

  const kinds: [string, 1 | 2, Look][] = [
    ['a screenshot in UTF-8', 2, { width: 600, height: 600, side: 420, type: 'image/png' }],
    ['a turned photo in windows-1251', 1, { width: 1200, height: 900, side: 620, turned: 17, type: 'image/jpeg' }],
    ['a large photo of a whole page on its side', 1, { width: 4000, height: 3000, side: 620, turned: 86, x: 2900, y: 1100, type: 'image/jpeg' }],
  ];
  for (const [name, mark, kind] of kinds) {
    await test.step(name, async () => {
      await page.reload();
      await button(m.prove.scan).click();
      await choose(modules(billText(mark, account, period, amount)), kind);
      await expect(dialog).toHaveCount(0);
      await expect(number).toHaveValue(account);
      await expect(page.getByLabel(m.prove.period)).toHaveValue(period);
      await expect(page.getByLabel(m.prove.amount)).toHaveValue(new RegExp(`^${typed(amount).replace(',', '[.,]')}$`));
    });
  }

  await test.step('a person looks at it and proves the account', async () => {
    await page.getByText(m.prove.filled).waitFor();
    await look('filled');
    await button(m.prove.check).click();
    await expect(page.getByText(free.address)).toBeVisible();
  });
});
