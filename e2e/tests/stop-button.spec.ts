import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures.ts';
import { createAccount, masterToken, openDashboard, signUp } from '../steps.ts';

const order = { side: 'BUY', symbol: 'XAUUSD', price: '2030.50', lots: '0.10' } as const;

/** Presses the red button and confirms. */
async function press(page: Page, action: string, verb: string): Promise<void> {
  await page.getByRole('button', { name: 'Stop copying' }).click();
  const dialog = page.getByRole('dialog', { name: 'Stop copying' });
  await dialog.getByRole('radio', { name: action }).check();
  await dialog.getByRole('button', { name: verb }).click();
}

test('the stop button closes every copy, and nothing new is copied until it is resumed', async ({
  page,
  terminals,
  world,
}) => {
  await signUp(page);
  const masterKey = await createAccount(page, 'Gold master', 'Master');
  const keys = {
    one: await createAccount(page, 'Follower one', 'Follower'),
    two: await createAccount(page, 'Follower two', 'Follower'),
  };
  await openDashboard(page, 'Gold master');
  const token = await masterToken(page);
  const master = await terminals.master(masterKey);
  const one = await terminals.follower(keys.one, token);
  const two = await terminals.follower(keys.two, token);
  await openDashboard(page, 'Follower one');
  master.open({ ...order, ticket: '1' });
  await expect(page.getByRole('tab', { name: 'Open (1)' })).toBeVisible();
  await expect.poll(() => two.opened.length).toBe(1);

  // One terminal is away: its close has to wait, and the page says so.
  two.stop();
  await press(page, 'Stop and close everything', 'Close everything');
  const progress = page.getByRole('dialog', { name: 'Closing every copy' });
  const bar = (name: string) => progress.getByRole('progressbar', { name: `Closed in ${name}` });
  await expect(bar('Follower one')).toHaveAttribute('aria-valuenow', '1');
  await expect(bar('Follower two')).toHaveAttribute('aria-valuenow', '0');
  await expect(progress.getByText('Not connected: its closes wait')).toBeVisible();
  expect(one.closed).toHaveLength(1);
  await two.reconnect(world.eaPort, keys.two, token);
  await expect(progress.getByText('each terminal has confirmed it')).toBeVisible();
  expect(two.closed).toHaveLength(1);
  await progress.getByRole('button', { name: 'Close' }).last().click();

  await expect(page.getByText('Copying is stopped for every account')).toBeVisible();
  master.open({ ...order, ticket: '2' });
  await page.getByRole('tab', { name: 'Not copied (1)' }).click();
  await expect(page.getByText('Copying was stopped by hand').first()).toBeVisible();
  expect([one.opened.length, two.opened.length]).toEqual([1, 1]);

  await page.getByRole('button', { name: 'Resume every account' }).click();
  await page.getByRole('button', { name: 'Resume copying' }).click();
  await expect(page.getByText('Copying is stopped for every account')).toBeHidden();
  master.open({ ...order, ticket: '3' });

  await page.getByRole('tab', { name: /^Open/ }).click();
  await expect(page.getByRole('tab', { name: 'Open (1)' })).toBeVisible();
  expect(one.opened.map(({ masterTicket }) => masterTicket)).toEqual(['1', '3']);
});
