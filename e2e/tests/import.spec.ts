import { Api, addAccount } from '../api.ts';
import { expectAccessible } from '../axe.ts';
import { expect, test } from '../fixtures.ts';
import { fits, signUp, speakThai } from '../steps.ts';

const HEAD = 'Id,ContractName,EnteredAt,ExitedAt,EntryPrice,ExitPrice,Fees,PnL,Size,Type,TradeDay';
const row = (id: number, type: string) =>
  `${id},MNQZ6,11/02/2026 08:31:02 -06:00,11/02/2026 08:35:00 -06:00,20000,20010.25,0.74,20.5,1,${type},11/02/2026`;
const file = (...rows: string[]) => ({
  name: 'Trades.csv',
  mimeType: 'text/csv',
  buffer: Buffer.from([HEAD, ...rows, ''].join('\n')),
});

test('a file with a wrong row is refused with the reason, a good one is taken in once', async ({
  page,
}) => {
  await signUp(page);
  await addAccount(await Api.of(page), 'Futures', 'none', { platform: 'topstepx' });
  await page.goto('/trades');
  await page.getByRole('button', { name: 'Import' }).click();
  const dialog = page.getByRole('dialog', { name: 'Import trades' });
  await dialog.getByLabel('The file comes from').selectOption('topstepx');

  await dialog
    .getByLabel('File', { exact: true })
    .setInputFiles(file(row(1, 'Long'), row(2, 'Up')));
  await dialog.getByRole('button', { name: 'Look into the file' }).click();
  await expect(dialog.getByText(/1 row is wrong, so nothing can be imported/)).toBeVisible();
  const errors = dialog.getByRole('table', { name: 'The first 1' });
  await expect(errors.getByRole('row', { name: /^3/ })).toContainText(
    'is a word that is not known',
  );
  await expect(dialog.getByLabel('Symbol', { exact: true })).toBeVisible();
  await expectAccessible(page);

  const good = file(row(1, 'Long'), row(2, 'Short'));
  await dialog.getByLabel('File', { exact: true }).setInputFiles(good);
  await dialog.getByRole('button', { name: 'Look into the file' }).click();
  await expect(dialog.getByText('2 trades found')).toBeVisible();
  await expect(dialog.getByText('Look at the first trades below')).toBeVisible();
  await dialog.getByRole('button', { name: 'Import 2 trades' }).click();
  await expect(dialog.getByText('2 trades were imported.')).toBeVisible();
  await dialog.getByRole('button', { name: 'Close' }).last().click();
  await expect(page.getByRole('table', { name: 'Trades' }).getByText('MNQZ6')).toHaveCount(2);

  await page.getByRole('button', { name: 'Import' }).click();
  await dialog.getByLabel('The file comes from').selectOption('topstepx');
  await dialog.getByLabel('File', { exact: true }).setInputFiles(good);
  await dialog.getByRole('button', { name: 'Look into the file' }).click();
  await expect(dialog.getByText(/2 are in the account already/)).toBeVisible();
  await expect(dialog.getByText('Nothing new to import')).toBeVisible();

  await speakThai(page);
  await page.goto('/trades');
  await page.getByRole('button', { name: 'นำเข้า', exact: true }).click();
  const inThai = page.getByRole('dialog', { name: 'นำเข้ารายการเทรด' });
  await inThai.getByLabel('ไฟล์มาจาก').selectOption('topstepx');
  await inThai.getByLabel('ไฟล์', { exact: true }).setInputFiles(file(row(1, 'Up')));
  await inThai.getByRole('button', { name: 'ดูข้อมูลในไฟล์' }).click();
  await expect(inThai.getByText(/มี 1 แถวที่ผิด จึงนำเข้าไม่ได้/)).toBeVisible();
  await expect(inThai.getByText('เป็นคำที่ระบบไม่รู้จัก')).toBeVisible();
  await fits(page);
});
