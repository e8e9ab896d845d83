import { readFile } from 'node:fs/promises';
import type { Locator } from '@playwright/test';
import { Api, addAccount, addGroup, addTrade } from '../api.ts';
import { expect, test } from '../fixtures.ts';
import { createAccount, fits, openDashboard, signUp, speakThai } from '../steps.ts';

/** One point. */
const PICTURE = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const CLOSED = { entry_at: '2026-11-02T09:00:00Z', exit_at: '2026-11-02T15:30:00Z' };

test('a trade is typed in with its result, tagged, found by its tag, changed and deleted', async ({
  page,
}) => {
  await signUp(page);
  await createAccount(page, 'By hand', 'Follower', {
    platform: 'Interactive Brokers',
    preset: { name: 'Balanced-50K', says: '3.75% · 1,875.00 USD' },
  });
  await openDashboard(page, 'By hand');
  await expect(page.getByLabel('Risk per trade, %')).toHaveValue('0.75');
  await page.goto(page.url().replace('/dashboard/', '/risk/'));
  await expect(page.getByText('No figures yet').first()).toBeVisible();
  await page.goto('/trades');

  await page.getByRole('button', { name: 'Add trade' }).first().click();
  const form = page.getByRole('dialog', { name: 'Add a trade' });
  await form.getByRole('radio', { name: 'Put' }).check();
  await fill(form, { Symbol: 'SPY', Quantity: '2', 'Entry price': '2.50', 'Exit price': '3.10' });
  await fill(form, { 'Stop loss': '2.00', Fees: '2.60', Tags: 'breakout' });
  await form
    .locator('input[type=file]')
    .setInputFiles({ name: 'entry.png', mimeType: 'image/png', buffer: PICTURE });
  await expect(form.getByRole('img', { name: 'Screenshot 1 of 1' })).toBeVisible();
  await form.getByLabel('Opened').fill('2026-11-02T16:00');
  await form.getByLabel('Closed').fill('2026-11-02T15:00');
  await expect(form.getByRole('status')).toContainText('+117.40 USD');
  await expect(form.getByRole('status')).toContainText('1.2 R');
  await form.getByRole('button', { name: 'Add trade' }).click();
  await expect(form.getByText('This must not be before the entry.')).toBeVisible();
  await form.getByLabel('Closed').fill('2026-11-02T19:30');
  await form.getByRole('button', { name: 'Add trade' }).click();
  await expect(form).toBeHidden();

  const rows = page.getByRole('table', { name: 'Trades' });
  await expect(rows.getByText('+117.40 USD')).toBeVisible();
  await rows.getByRole('checkbox', { name: 'Choose SPY' }).check();
  await page.getByRole('button', { name: 'Tag', exact: true }).click();
  const tags = page.getByRole('dialog', { name: 'Tag 1 trade' });
  await tags.getByLabel('Add these tags').fill('news, fomc');
  await tags.getByRole('button', { name: 'Save' }).click();
  await expect(tags).toBeHidden();

  await page.goto('/trades?tag=fomc&result=win');
  await rows.getByRole('button', { name: 'SPY' }).click();
  const drawer = page.getByRole('dialog', { name: 'Trade', exact: true });
  await expect(drawer.getByLabel('Tags')).toHaveValue('breakout, news, fomc');
  await expect(drawer.getByRole('img', { name: 'Screenshot 1 of 1' })).toBeVisible();
  await drawer.getByRole('button', { name: 'Change' }).click();
  const change = page.getByRole('dialog', { name: 'Change the trade in SPY' });
  await change.getByLabel('Exit price').fill('2.00');
  await change.getByRole('button', { name: 'Save' }).click();
  await expect(change).toBeHidden();
  await expect(drawer.getByText('−102.60 USD')).toBeVisible();

  await drawer.getByRole('button', { name: 'Change' }).click();
  await change.getByRole('switch', { name: 'Several fills' }).click();
  const part = (number: number) => change.getByRole('group', { name: `Fill ${number}` });
  await part(2).getByLabel('Quantity').fill('1');
  await change.getByRole('button', { name: 'Add fill' }).click();
  await expect(part(3).getByLabel('Side')).toBeFocused();
  await fill(part(3), { Price: '2.40', Quantity: '1' });
  await expect(change.getByRole('status')).toContainText('−62.60 USD');
  await change.getByRole('button', { name: 'Save' }).click();
  await expect(change).toBeHidden();
  await expect(drawer.getByText('−62.60 USD')).toBeVisible();
  await drawer.getByRole('button', { name: 'Change' }).click();
  await expect(part(3).getByLabel('Price')).toHaveValue('2.4');
  await change.getByRole('button', { name: 'Cancel' }).click();
  const overview = await page.context().newPage();
  await overview.goto('/');
  await expect(overview.getByText('of 1 closed trade', { exact: true })).toBeVisible();
  const compare = await page.context().newPage();
  await compare.goto('/compare');
  const compared = compare.getByRole('row', { name: /By hand/ });
  await expect(compared).toContainText('−62.60 USD');
  await drawer.getByRole('button', { name: 'Delete', exact: true }).click();
  const question = page.getByRole('dialog', { name: 'Delete the trade in SPY?' });
  await question.getByRole('button', { name: 'Delete' }).click();
  await expect(drawer).toBeHidden();
  await expect(page.getByText('No trade fits these filters')).toBeVisible();
  await expect(overview.getByText('nothing closed yet')).toBeVisible();
  await expect(compared).not.toContainText('62.60');
});

test('trades become figures, a calendar and a comparison, and leave as a file', async ({
  page,
}) => {
  await signUp(page);
  const api = await Api.of(page);
  const [first, second] = [
    await addAccount(api, 'Options', 'none', { platform: 'tradier', starting_balance: '10000' }),
    await addAccount(api, 'Futures', 'none', { platform: 'tradovate', starting_balance: '50000' }),
  ];
  const stock = { asset_type: 'stock', quantity: '10', entry_price: '100', ...CLOSED };
  await addTrade(api, first, { symbol: 'AAPL', exit_price: '112', ...stock });
  await addTrade(api, first, { symbol: 'MSFT', exit_price: '95', ...stock });
  await addTrade(api, second, { symbol: '=AAPL+1', exit_price: '101', ...stock });

  await page.goto('/');
  await expect(page.getByText('+80.00 USD').first()).toBeVisible();
  await expect(page.getByText('of 3 closed trades')).toBeVisible();

  await page.goto(`/statistics?account=${first.id}`);
  const result = page.getByRole('region', { name: 'Result', exact: true });
  await expect(result).toContainText('+70.00 USD');
  await expect(result).toContainText('2.40');
  await page.getByRole('link', { name: 'Calendar' }).click();
  await page.goto('/trades/calendar?month=2026-11');
  await page.getByRole('link', { name: /^2 November 2026: \+?80/ }).click();
  await expect(page.getByRole('heading', { level: 1, name: /2 November 2026/ })).toBeVisible();
  await expect(
    page.getByRole('table', { name: 'Closed trades' }).getByText('AAPL').first(),
  ).toBeVisible();

  await page.goto('/compare');
  const compared = page.getByRole('table', { name: 'Figures' });
  await expect(compared.getByRole('row', { name: /Options/ })).toContainText('0.7%');
  await expect(compared.getByRole('row', { name: /Futures/ })).toContainText('0.0%');

  await page.goto('/trades');
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Export' }).click(),
  ]);
  const text = await readFile(await download.path(), 'utf8');
  expect(text.trim().split('\n')).toHaveLength(4);
  expect(text, 'no cell is a formula').not.toMatch(/(^|,)"?=/m);
});

test('thousands of trades are scrolled through, and gone through by keys', async ({
  page,
  world,
}) => {
  await signUp(page);
  const account = await addAccount(await Api.of(page), 'Busy', 'none', { platform: 'ibkr' });
  await world.database.query(
    `insert into trades (owner_id, account_id, source, symbol, direction, quantity, entry_price, exit_price,
       entry_at, exit_at, pnl, pnl_source, status)
     select owner_id, id, 'import', 'S' || n, 'LONG', 1, 100, 101,
       timestamptz '2026-11-20 00:00Z' - n * interval '1 hour', '2026-11-21 00:00Z', 1, 'computed', 'closed'
     from accounts cross join generate_series(1, 3000) n where id = $1`,
    [account.id],
  );
  await page.goto('/trades');
  const rows = page.getByRole('table', { name: 'Trades' });
  await expect(rows.getByRole('button', { name: 'S1', exact: true })).toBeVisible();

  await expect(async () => {
    await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
    await expect(page.getByText('3,000 trades', { exact: true })).toBeVisible({ timeout: 300 });
    const last = rows.getByRole('button', { name: 'S3000', exact: true });
    await expect(last).toBeVisible({ timeout: 300 });
  }).toPass();
  const drawn = await rows
    .getByRole('row')
    .filter({ has: page.getByRole('button') })
    .count();
  expect(drawn, 'rows in the page').toBeLessThan(600);

  const focused = page.locator(':focus');
  await page.keyboard.press('j');
  await expect(focused).toBeInViewport();
  const first = await focused.textContent();
  await page.keyboard.press('j');
  await page.keyboard.press('x');
  await expect(page.getByText('1 trade chosen')).toBeVisible();
  await page.keyboard.press('k');
  await expect(focused).toHaveText(first ?? '');
  await page.keyboard.press('Enter');
  const drawer = page.getByRole('dialog', { name: 'Trade', exact: true });
  await expect(drawer.getByRole('heading', { name: first ?? '' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(drawer).toBeHidden();
  await page.keyboard.press('/');
  await expect(page.getByLabel('Symbol', { exact: true })).toBeFocused();
  await page.keyboard.type('S1500');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/[?&]symbol=S1500/);
  await page.reload();
  await expect(page.getByText('1 trade', { exact: true })).toBeVisible();

  await page.keyboard.press('?');
  const list = page.getByRole('dialog', { name: 'What the keys do' });
  await list.getByLabel('Single keys act').uncheck();
  await page.keyboard.press('Escape');
  await expect(list).toBeHidden();
  await page.keyboard.press('n');
  await expect(page.getByRole('dialog')).toBeHidden();
  await page.evaluate(() => localStorage.removeItem('flotilla.keys'));
  await page.keyboard.press('n');
  await expect(page.getByRole('dialog', { name: 'Add a trade' })).toBeVisible();
});

test('what the journal is narrowed to stands in its address, and outlasts a reload', async ({
  page,
}) => {
  await signUp(page);
  const api = await Api.of(page);
  const [first, second] = [
    await addAccount(api, 'Options', 'none'),
    await addAccount(api, 'Futures', 'none'),
  ];
  const group = (await addGroup(api, 'Own money', [first])).replace('/groups/', '');
  const open = {
    asset_type: 'stock',
    quantity: '10',
    entry_price: '100',
    direction: 'SHORT',
    entry_at: CLOSED.entry_at,
  };
  const closed = { ...open, ...CLOSED, exit_price: '95' };
  const before = { entry_at: '2026-10-01T09:00:00Z', exit_at: '2026-10-01T10:00:00Z' };
  await addTrade(api, first, { ...closed, symbol: 'AAPL' });
  await addTrade(api, second, { ...closed, symbol: 'MSFT' });
  await addTrade(api, first, { ...closed, symbol: 'NVDA', direction: 'LONG' });
  await addTrade(api, first, { ...closed, symbol: 'TSLA', ...before });
  await addTrade(api, first, { ...open, symbol: 'AMZN' });
  await page.goto('/trades');
  await expect(page.getByText('5 trades', { exact: true })).toBeVisible();

  const filters = page.getByRole('form', { name: 'Filter' });
  const more = filters.getByRole('button', { name: /^Filter and sort/ });
  if (await more.isVisible()) await more.click();
  const choices = {
    Group: 'Own money',
    Account: 'Options',
    Direction: 'Short',
    Source: 'Typed in',
    Status: 'Closed',
  };
  const field = (label: string) => filters.getByLabel(label, { exact: true });
  for (const [label, word] of Object.entries(choices)) {
    await field(label).selectOption(word);
    await expect(field(label).locator('option:checked')).toHaveText(word);
  }
  await field('Opened from').fill('2026-11-01');
  await expect(field('Opened until')).toHaveAttribute('min', '2026-11-01');
  await field('Opened until').fill('2026-11-03');
  await expect(field('Opened from')).toHaveAttribute('max', '2026-11-03');

  const expectNarrowed = async () => {
    await expect(page.getByText('1 trade', { exact: true })).toBeVisible();
    const rows = page.getByRole('table', { name: 'Trades' });
    await expect(rows.getByRole('button', { name: 'AAPL' })).toBeVisible();
    expect(Object.fromEntries(new URL(page.url()).searchParams)).toEqual({
      group,
      account: first.id,
      side: 'SHORT',
      source: 'manual',
      status: 'closed',
      from: '2026-11-01',
      to: '2026-11-03',
    });
  };
  await expectNarrowed();
  await page.reload();
  await expectNarrowed();
  for (const [label, word] of Object.entries(choices)) {
    await expect(field(label).locator('option:checked')).toHaveText(word);
  }
  await expect(field('Opened from')).toHaveValue('2026-11-01');
  await expect(field('Opened until')).toHaveValue('2026-11-03');
});

test('the journal speaks Thai', async ({ page }) => {
  await signUp(page);
  const api = await Api.of(page);
  const account = await addAccount(api, 'By hand', 'none', { starting_balance: '10000' });
  await addTrade(api, account, {
    symbol: 'AAPL',
    asset_type: 'stock',
    quantity: '10',
    entry_price: '100',
    exit_price: '112',
    ...CLOSED,
  });
  await speakThai(page);

  await page.goto('/statistics');
  await expect(page.getByRole('heading', { level: 1, name: 'สถิติ' })).toBeVisible();
  await expect(page.getByText('อัตราชนะ').first()).toBeVisible();
  await page.goto('/trades/calendar?month=2026-11');
  await expect(page.getByRole('heading', { level: 2, name: /พฤศจิกายน 2026/ })).toBeVisible();
  await page.goto('/compare');
  await expect(page.getByRole('heading', { level: 1, name: 'เปรียบเทียบ' })).toBeVisible();
  await page.goto('/trades');
  const trade = page.getByRole('button', { name: 'AAPL', exact: true });
  await expect(trade).toBeVisible();
  const filters = page.getByRole('form', { name: 'ตัวกรอง' });
  const more = filters.getByRole('button', { name: /^กรองและเรียงลำดับ/ });
  if (await more.isVisible()) await more.click();
  await filters.getByLabel('สถานะ', { exact: true }).selectOption('เปิดอยู่');
  await expect(page.getByText('ไม่มีรายการที่ตรงกับตัวกรอง')).toBeVisible();
  await filters.getByLabel('สถานะ', { exact: true }).selectOption('ปิดแล้ว');
  await expect(trade).toBeVisible();
  await page.getByRole('button', { name: 'เพิ่มรายการ' }).first().click();
  await expect(page.getByRole('dialog', { name: 'เพิ่มรายการเทรด' })).toBeVisible();
  await fits(page);
});

async function fill(form: Locator, fields: Record<string, string>): Promise<void> {
  for (const [label, value] of Object.entries(fields)) {
    await form.getByLabel(label, { exact: true }).fill(value);
  }
}
