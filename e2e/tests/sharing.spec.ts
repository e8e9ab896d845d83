import AxeBuilder from '@axe-core/playwright';
import { Api, addAccount, addTrade } from '../api.ts';
import { expect, test } from '../fixtures.ts';
import { fits, signUp, speakThai } from '../steps.ts';

const PHONE = { width: 390, height: 844 };

test('a stranger with a link sees what was chosen, until it is revoked', async ({
  page,
  browser,
  baseURL,
}) => {
  await signUp(page);
  const api = await Api.of(page);
  const more = { platform: 'other', currency: 'USD', starting_balance: '1000' };
  const gold = await addAccount(api, 'Gold', 'none', more);
  const day = (hour: number) => new Date(Date.UTC(2026, 10, 2, hour)).toISOString();
  const share = { asset_type: 'stock', quantity: '10', entry_price: '150', entry_at: day(10) };
  await addTrade(api, gold, { ...share, symbol: 'AAPL', exit_price: '156', exit_at: day(11) });

  await page.goto('/settings');
  const card = page.getByRole('region', { name: 'Share links' });
  await card.getByRole('button', { name: 'Share', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Share figures' });
  await dialog.getByLabel('Name of the link').fill('For Ben');
  await dialog.getByRole('checkbox', { name: 'Closed trades' }).check();
  await dialog.getByLabel('Delay').selectOption({ label: 'None' });
  await dialog.getByRole('button', { name: 'Create link' }).click();
  const made = page.getByRole('dialog', { name: 'Your link is ready' });
  const address = await made.getByLabel('Link', { exact: true }).innerText();
  await made.getByRole('button', { name: 'I have copied the link' }).click();

  // Another browser, without a session and on a phone.
  const context = await browser.newContext({ viewport: PHONE, ...(baseURL && { baseURL }) });
  const stranger = await context.newPage();
  await stranger.goto(address);
  await expect(stranger.getByRole('heading', { level: 1, name: 'Shared results' })).toBeVisible();
  const trades = stranger.getByRole('table', { name: 'Closed trades' });
  await expect(trades.getByRole('row', { name: /AAPL/ })).toContainText('6.00%');
  const shown = await stranger.getByRole('main').innerText();
  expect(shown).not.toMatch(/USD|Gold|For Ben|Ada/);
  await fits(stranger);
  const { violations } = await new AxeBuilder({ page: stranger }).setLegacyMode().analyze();
  expect(violations.map(({ id }) => id)).toEqual([]);

  await page.reload();
  await expect(card.getByText('opened once')).toBeVisible();
  await speakThai(stranger);
  await stranger.reload();
  await expect(stranger.getByRole('heading', { level: 1, name: 'ผลการเทรดที่แชร์' })).toBeVisible();
  await expect(stranger.getByRole('table', { name: 'รายการที่ปิดแล้ว' })).toContainText('6.00%');
  await fits(stranger);
  await card.getByRole('button', { name: 'Revoke For Ben' }).click();
  const question = page.getByRole('dialog', { name: 'Revoke For Ben?' });
  await question.getByRole('button', { name: 'Revoke', exact: true }).click();
  await expect(card.getByText('Revoked')).toBeVisible();
  await stranger.reload();
  await expect(stranger.getByRole('heading', { name: 'ลิงก์นี้ไม่แสดงอะไร' })).toBeVisible();
  await context.close();
});
