import { Api, addAccount, addGroup, beginRules } from '../api.ts';
import { expect, test } from '../fixtures.ts';
import { signUp } from '../steps.ts';

const order = { side: 'BUY', symbol: 'XAUUSD', price: '2030.50', lots: '0.10' } as const;

test('a guard stops copies of its group when an account gets critical, says why, and a person resumes', async ({
  page,
  terminals,
}) => {
  await signUp(page);
  const api = await Api.of(page);
  const leader = await addAccount(api, 'Gold master', 'master');
  const weak = await addAccount(api, 'FTMO-3', 'follower');
  const calm = await addAccount(api, 'APEX-1', 'follower');
  const { master_token: token } = await api.call<{ master_token: string }>(
    'GET',
    `/accounts/${leader.id}`,
  );
  const master = await terminals.master(leader.api_key);
  const followers = [
    await terminals.follower(weak.api_key, token),
    await terminals.follower(calm.api_key, token),
  ];
  const copied = () =>
    followers.map(({ opened }) => opened.map(({ masterTicket }) => masterTicket));
  await beginRules(api, weak);
  await beginRules(api, calm);
  const reporter = await terminals.reporter(weak.api_key, 100_000);
  await terminals.reporter(calm.api_key, 100_000);

  await page.goto(await addGroup(api, 'Funded', [weak, calm]));
  const guard = page.getByRole('region', { name: 'Guard' });
  await expect(guard).toContainText('Off: nothing happens by itself');
  await guard.getByRole('button', { name: 'Set up' }).click();
  const dialog = page.getByRole('dialog', { name: 'Guard of Funded' });
  await dialog.getByRole('radio', { name: 'Stop new copies' }).check();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(guard).toContainText('nothing new is copied in the whole group');
  await expect(page.getByRole('region', { name: 'Summary' })).toContainText('Gate open');
  master.open({ ...order, ticket: '1' });
  await expect.poll(copied).toEqual([['1'], ['1']]);

  reporter.moveTo(95_900);
  const banner = page.getByRole('alert').filter({ hasText: 'The guard acted' });
  await expect(banner).toContainText('FTMO-3, Daily loss: Critical.');
  master.open({ ...order, ticket: '2' });
  // The one that is well is in the same group, and above its page stands what keeps it from copying.
  await page.goto(`/dashboard/${calm.id}`);
  const strip = page.getByRole('status').filter({ hasText: 'The guard of Funded stopped' });
  await expect(strip).toContainText('FTMO-3, Daily loss, Critical');
  await page.getByRole('tab', { name: 'Not copied (1)' }).click();
  const reason = page.getByText('The risk guard had stopped copying when the signal came');
  await expect(reason.first()).toContainText('Funded');
  await expect(reason.first()).toContainText('FTMO-3');
  expect(copied()).toEqual([['1'], ['1']]);

  await page.goto('/groups');
  await page.getByRole('link', { name: 'Open the risk board' }).click();
  await banner.getByRole('button', { name: 'Resume…' }).click();
  await page.getByRole('button', { name: 'Resume copying' }).click();
  // As long as it is open, nothing behind it can be found.
  await expect(page.getByRole('dialog')).toBeHidden();
  await expect(banner).toBeHidden();
  master.open({ ...order, ticket: '3' });
  await expect.poll(copied).toEqual([
    ['1', '3'],
    ['1', '3'],
  ]);
  await page.getByRole('button', { name: 'What it did' }).click();
  await expect(page.getByRole('list', { name: 'What it did' })).toContainText('resumed by');
});
