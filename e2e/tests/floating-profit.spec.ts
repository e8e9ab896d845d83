import { expect, test } from '../fixtures.ts';
import { createAccount, masterToken, openDashboard, signUp } from '../steps.ts';

const order = { side: 'BUY', symbol: 'XAUUSD', price: '2030.50', lots: '0.10' } as const;

test("a master's open trade shows its profit once its own results bear out the lot its follower named", async ({
  page,
  terminals,
}) => {
  await signUp(page);
  const masterKey = await createAccount(page, 'Gold master', 'Master');
  const followerKey = await createAccount(page, 'Follower one', 'Follower');
  await openDashboard(page, 'Gold master');
  const master = await terminals.master(masterKey);
  const follower = await terminals.follower(followerKey, await masterToken(page));
  const open = page.getByRole('table', { name: 'Open trades' });

  // The master's terminal never says how large a lot is, and the follower's may have another broker.
  master.open({ ...order, ticket: '1' });
  await expect.poll(() => follower.opened.length).toBe(1);
  follower.nameLot('XAUUSD', '100.00', 2);
  await expect(open.getByText('Not known: the terminal has not said')).toBeAttached();

  master.close('XAUUSD', '1', '2035.00000', '45.00');
  master.open({ ...order, ticket: '2' });

  // Bought at 2030.50, sold at the bid of 2035.10: 4.60 for each of 10 ounces.
  await expect(open.getByText('+46.00 USD')).toBeVisible();
});
