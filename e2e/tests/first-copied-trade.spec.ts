import { expect, test } from '../fixtures.ts';
import {
  archive,
  createAccount,
  masterToken,
  openDashboard,
  rename,
  signIn,
  signOut,
  signUp,
} from '../steps.ts';

const order = {
  side: 'BUY',
  symbol: 'XAUUSD',
  price: '2030.50',
  lots: '0.10',
  stopLoss: '2020.00',
  takeProfit: '2040.00',
  ticket: '9007199254740993',
} as const;

test('a trade of the master reaches the follower and both dashboards by itself', async ({
  page,
  secondTab,
  terminals,
}, info) => {
  const user = await signUp(page);
  const masterKey = await createAccount(page, 'Gold master', 'Master');
  const followerKey = await createAccount(page, 'Follower one', 'Follower');
  await openDashboard(page, 'Gold master');
  const token = await masterToken(page);
  await openDashboard(secondTab, 'Follower one');

  const master = await terminals.master(masterKey);
  const follower = await terminals.follower(followerKey, token);
  await expect(page.getByText('Online').first()).toBeVisible();
  await expect(secondTab.getByText('Online').first()).toBeVisible();
  await expect(secondTab.getByText('Gold master').first()).toBeVisible();

  const sentAt = performance.now();
  master.open(order);
  await Promise.all([
    expect(page.getByRole('table', { name: 'Open trades' }).getByText('XAUUSD')).toBeVisible(),
    expect(secondTab.getByRole('tab', { name: 'Open (1)' })).toBeVisible(),
  ]);
  report(info, 'open on both dashboards', performance.now() - sentAt);
  await expect(secondTab.getByRole('tabpanel').getByText('XAUUSD')).toBeVisible();

  expect(follower.opened).toHaveLength(1);
  expect(follower.opened[0]).toMatchObject({
    side: 'BUY',
    symbol: 'XAUUSD',
    masterTicket: order.ticket,
  });
  expect(Number(follower.opened[0]?.lots)).toBe(0.1);
  expect(Number(follower.opened[0]?.stopLoss)).toBe(2020);

  const closedAt = performance.now();
  master.close('XAUUSD', order.ticket, '2035.00000', '45.00');
  await Promise.all([
    expect(page.getByText('No open trades')).toBeVisible(),
    expect(secondTab.getByText('No open copies')).toBeVisible(),
  ]);
  report(info, 'close on both dashboards', performance.now() - closedAt);
  expect(follower.closed).toHaveLength(1);
  expect(follower.closed[0]).toMatchObject({ ticket: '880001', masterTicket: order.ticket });

  await secondTab.reload();
  await secondTab.getByRole('tab', { name: 'Closed' }).click();
  await expect(secondTab.getByRole('tabpanel').getByText('44.00')).toBeVisible();

  await rename(page, 'Gold master', 'Silver master');
  follower.stop();
  await archive(page, 'Follower one');

  await signOut(page);
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await page.goto('/accounts');
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await signIn(page, user);
  await expect(page.getByText('Silver master').first()).toBeVisible();
  await expect(page.getByText('Follower one')).toBeHidden();
});

function report(
  info: { annotations: { type: string; description?: string }[] },
  what: string,
  ms: number,
) {
  const description = `${what}: ${Math.round(ms)} ms`;
  info.annotations.push({ type: 'latency', description });
  console.log(description);
}
