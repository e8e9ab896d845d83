import { expect, test } from '../fixtures.ts';
import { createAccount, masterToken, openDashboard, signUp } from '../steps.ts';

test('a worker killed between send and acknowledgement sends nothing twice', async ({
  page,
  terminals,
  world,
}) => {
  await signUp(page);
  const masterKey = await createAccount(page, 'Gold master', 'Master');
  const followerKey = await createAccount(page, 'Follower one', 'Follower');
  await openDashboard(page, 'Gold master');
  const token = await masterToken(page);
  const master = await terminals.master(masterKey);
  const follower = await terminals.follower(followerKey, token);
  await openDashboard(page, 'Follower one');
  follower.silent = true;
  master.open({ side: 'SELL', symbol: 'EURUSD', price: '1.08500', lots: '0.20', ticket: '2001' });
  const command = await follower.nextOpen();

  await world.killWorker();
  await follower.disconnected();
  await world.restartWorker();
  await master.reconnect(world.eaPort, masterKey);
  await follower.reconnect(world.eaPort, followerKey, token);

  // The command may have been carried out: the page says so instead of guessing.
  await expect(page.getByRole('table').getByText('Unconfirmed')).toBeVisible({
    timeout: 30_000,
  });

  // The EA was busy at its broker all the time, and reports only now.
  const ticket = follower.acknowledgeOpen(command);
  await expect(page.getByRole('table').getByText('Open', { exact: true })).toBeVisible();

  // A later trade arrives, so whatever was to be sent again would have been.
  follower.silent = false;
  master.open({ side: 'BUY', symbol: 'EURUSD', price: '1.08510', lots: '0.10', ticket: '2002' });
  await expect(page.getByRole('tab', { name: 'Open (2)' })).toBeVisible();
  expect(follower.opened.map(({ masterTicket }) => masterTicket)).toEqual(['2001', '2002']);

  master.close('EURUSD', '2001', '1.08400', '20.00');
  await expect(page.getByRole('tab', { name: 'Open (1)' })).toBeVisible();
  await page.getByRole('tab', { name: 'Closed' }).click();
  await expect(page.getByRole('tabpanel').getByText('44.00')).toBeVisible();
  expect(follower.closed).toMatchObject([{ ticket, masterTicket: '2001' }]);
});
