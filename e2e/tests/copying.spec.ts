import { expect, test } from '../fixtures.ts';
import { createAccount, masterToken, openDashboard, signUp } from '../steps.ts';

const gold = { side: 'BUY', symbol: 'XAUUSD', price: '2030.50', lots: '0.20' } as const;

test('a person follows, skips a symbol, settles a copy in doubt, and unfollows with close', async ({
  page,
  terminals,
  world,
}) => {
  await signUp(page);
  const masterKey = await createAccount(page, 'Gold master', 'Master');
  const followerKey = await createAccount(page, 'Follower one', 'Follower');
  await openDashboard(page, 'Gold master');
  const token = await masterToken(page);

  // Follow on the page, not in the EA, and set how it copies.
  await openDashboard(page, 'Follower one');
  await page.getByLabel('Master token').fill(token);
  await page.getByRole('button', { name: 'Follow', exact: true }).click();
  await expect(page.getByRole('button', { name: 'Unfollow Gold master' })).toBeVisible();
  await page.getByRole('tab', { name: 'Settings' }).click();
  const settings = page.getByRole('form', { name: 'Copy settings for Gold master' });
  await settings.getByLabel('How large is a copy?').selectOption('multiplier');
  await settings.getByLabel('Factor').fill('0.5');
  await settings.getByLabel('Step').fill('0.01');
  await settings.getByLabel('Never these symbols').fill('BTCUSD');
  await expect(settings.getByText('you trade 0.1 lots')).toBeVisible();
  await settings.getByRole('button', { name: 'Save settings' }).click();
  await expect(settings.getByText('Saved.')).toBeVisible();

  // Copied, at half the size.
  const master = await terminals.master(masterKey);
  const follower = await terminals.follower(followerKey);
  await follower.snapshot([]);
  master.open({ ...gold, ticket: '1001' });
  await page.getByRole('tab', { name: /^Open/ }).click();
  await expect(page.getByRole('tab', { name: 'Open (1)' })).toBeVisible();
  expect(Number(follower.opened[0]?.lots)).toBe(0.1);

  // Skipped, with the reason as a sentence.
  master.open({ ...gold, symbol: 'BTCUSD', ticket: '1002' });
  await page.getByRole('tab', { name: 'Not copied (1)' }).click();
  const panel = page.getByRole('tabpanel');
  await expect(panel.getByText('This follower does not copy this symbol.')).toBeVisible();
  await panel.getByRole('link', { name: 'BTCUSD' }).click();
  await expect(page.getByText('No order was sent, as you asked.')).toBeVisible();
  expect(follower.opened).toHaveLength(1);

  // In doubt: the answer is lost with the connection, and two new positions may be the copy's.
  await page.getByRole('link', { name: 'Dashboard of Follower one' }).click();
  follower.silent = true;
  master.open({ ...gold, ticket: '1003' });
  await expect.poll(() => follower.opened.length).toBe(2);
  follower.silent = false;
  await follower.reconnect(world.eaPort, followerKey);
  await follower.snapshot(['880001', '880002', '880003']);
  await page.getByRole('tab', { name: /^Attention \(1\)/ }).click();
  await expect(
    panel.getByRole('table', { name: 'Attention' }).getByText('Needs you'),
  ).toBeVisible();
  await expect(panel.getByText('#880003')).toBeVisible();
  await panel.getByRole('link', { name: 'XAUUSD' }).click();
  await page.getByRole('button', { name: 'Link position 880002' }).click();
  const question = page.getByRole('dialog', { name: 'Link position #880002?' });
  await expect(question).toContainText('closed when the master closes');
  await question.getByRole('button', { name: 'Link' }).click();
  await expect(page.getByText('Your decision', { exact: true })).toBeHidden();
  await expect(page.getByText('#880002').or(page.getByText('880002')).first()).toBeVisible();

  // Unfollow, and close what is open.
  await page.getByRole('link', { name: 'Dashboard of Follower one' }).click();
  await expect(page.getByRole('tab', { name: 'Open (2)' })).toBeVisible();
  await page.getByRole('button', { name: 'Unfollow Gold master' }).click();
  const dialog = page.getByRole('dialog', { name: 'Stop following Gold master?' });
  await dialog.getByRole('radio', { name: 'Close them now' }).check();
  await dialog.getByRole('button', { name: 'Unfollow' }).click();
  await expect(page.getByText('It follows nobody')).toBeVisible();
  await expect(page.getByText('No open copies')).toBeVisible();
  expect(follower.closed.map(({ ticket }) => ticket).sort()).toEqual(['880001', '880002']);
  await page.getByRole('tab', { name: 'Attention' }).click();
  await expect(panel.getByText('#880003'), 'what is not ours stays').toBeVisible();
});

test('a person closes one open copy by hand, and the master’s exit finds nothing left', async ({
  page,
  terminals,
}) => {
  await signUp(page);
  const masterKey = await createAccount(page, 'Gold master', 'Master');
  const followerKey = await createAccount(page, 'Follower one', 'Follower');
  await openDashboard(page, 'Gold master');
  const token = await masterToken(page);
  await openDashboard(page, 'Follower one');
  await page.getByLabel('Master token').fill(token);
  await page.getByRole('button', { name: 'Follow', exact: true }).click();
  await expect(page.getByRole('button', { name: 'Unfollow Gold master' })).toBeVisible();
  const master = await terminals.master(masterKey);
  const follower = await terminals.follower(followerKey);
  master.open({ ...gold, ticket: '1001' });
  await page.getByRole('tab', { name: /^Open/ }).click();
  await page.getByRole('tabpanel').getByRole('link', { name: 'XAUUSD' }).click();

  await page.getByRole('button', { name: 'Close position' }).click();
  const dialog = page.getByRole('dialog', { name: 'Close position #880001?' });
  await expect(dialog).toContainText('cannot be undone');
  await dialog.getByRole('button', { name: 'Close position' }).click();

  await expect(dialog).toBeHidden();
  await expect(page.getByRole('button', { name: 'Close position' })).toBeHidden();
  await expect.poll(() => follower.closed.map(({ ticket }) => ticket)).toEqual(['880001']);
  await expect(page.getByText('Closed', { exact: true }).first()).toBeVisible();
});
