import { expect, test } from '../fixtures.ts';
import { createAccount, masterToken, openDashboard, signUp } from '../steps.ts';

test('a refused order is told by itself, and is read', async ({ page, terminals }, info) => {
  await signUp(page);
  const masterKey = await createAccount(page, 'Gold master', 'Master');
  const followerKey = await createAccount(page, 'Follower one', 'Follower');
  await openDashboard(page, 'Gold master');
  const token = await masterToken(page);
  const master = await terminals.master(masterKey);
  const follower = await terminals.follower(followerKey, token);
  follower.silent = true;
  const isPhone = info.project.name === 'phone';
  const bell = (name: string) => page.getByRole(isPhone ? 'link' : 'button', { name });
  await expect(bell('Alerts, none unread')).toBeVisible();

  master.open({ side: 'BUY', symbol: 'XAUUSD', price: '2030.50', lots: '0.10', ticket: '1' });
  follower.refuseOpen(await follower.nextOpen(), 'Not enough money');
  await bell('Alerts, one unread').click();

  const alert = page.getByRole('listitem').filter({ hasText: 'Follower one refused a copy' });
  await expect(alert.getByText('The terminal said: Not enough money')).toBeVisible();
  await alert.getByRole('button', { name: 'Mark as read' }).click();
  await expect(alert.getByRole('button', { name: 'Mark as read' })).toBeHidden();
  await alert.getByRole('link', { name: 'Show the copy' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Copy of #1' })).toBeVisible();
  await expect(bell('Alerts, none unread')).toBeVisible();
});
