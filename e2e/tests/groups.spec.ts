import { expect, test } from '../fixtures.ts';
import { createAccount, masterToken, openDashboard, signUp } from '../steps.ts';

const order = { side: 'BUY', symbol: 'XAUUSD', price: '2030.50', lots: '0.10' } as const;

test('a group of two accounts is stopped, a signal is skipped for both, and it is resumed', async ({
  page,
  terminals,
}) => {
  await signUp(page);
  const masterKey = await createAccount(page, 'Gold master', 'Master');
  const keys = {
    one: await createAccount(page, 'Follower one', 'Follower'),
    two: await createAccount(page, 'Follower two', 'Follower'),
    outside: await createAccount(page, 'Outside', 'Follower'),
  };
  await openDashboard(page, 'Gold master');
  const token = await masterToken(page);
  const master = await terminals.master(masterKey);
  const one = await terminals.follower(keys.one, token);
  const two = await terminals.follower(keys.two, token);
  const outside = await terminals.follower(keys.outside, token);

  await page.goto('/groups');
  await page.getByRole('button', { name: 'New group' }).first().click();
  await page.getByRole('dialog').getByLabel('Name').fill('Funded');
  await page.getByRole('button', { name: 'Create group' }).click();
  const members = page.getByRole('list', { name: 'Accounts of Funded' });
  for (const name of ['Follower one', 'Follower two']) {
    await page.getByRole('button', { name: 'Add account' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add an account to Funded' });
    await dialog.getByLabel('Account').selectOption({ label: `${name} · Follower` });
    await dialog.getByRole('button', { name: 'Add account' }).click();
    await expect(members.getByRole('link', { name })).toBeVisible();
  }

  await page.getByRole('button', { name: 'Options for Funded' }).click();
  await page.getByRole('menuitem', { name: 'Stop copying…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Stop copying' });
  await expect(dialog.getByRole('radio', { name: 'One group' })).toBeChecked();
  await dialog.getByRole('button', { name: 'Stop new copies' }).click();
  const progress = page.getByRole('dialog', { name: 'New copies are stopped' });
  await expect(progress.getByText('Nothing new is copied from now on.')).toBeVisible();
  await progress.getByRole('button', { name: 'Close' }).last().click();
  await expect(page.getByText('Copying is stopped for the group Funded.')).toBeVisible();

  master.open({ ...order, ticket: '1' });
  await expect.poll(() => outside.opened.length).toBe(1);
  for (const name of ['Follower one', 'Follower two']) {
    await openDashboard(page, name);
    await page.getByRole('tab', { name: 'Not copied (1)' }).click();
    const reason = 'Copying was stopped for your group “Funded” when the signal came.';
    await expect(page.getByText(reason).first()).toBeVisible();
  }
  expect([one.opened.length, two.opened.length]).toEqual([0, 0]);

  await page.getByRole('button', { name: 'Resume Funded' }).click();
  await page.getByRole('button', { name: 'Resume copying' }).click();
  await expect(page.getByText('Copying is stopped for the group Funded.')).toBeHidden();
  master.open({ ...order, ticket: '2' });
  await expect.poll(() => one.opened.map(({ masterTicket }) => masterTicket)).toEqual(['2']);
  await expect.poll(() => two.opened.map(({ masterTicket }) => masterTicket)).toEqual(['2']);
});
