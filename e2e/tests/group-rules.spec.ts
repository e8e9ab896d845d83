import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Api, addAccount, beginRules } from '../api.ts';
import { expect, test } from '../fixtures.ts';
import { openDashboard, signUp } from '../steps.ts';

test('a master and its followers become a group in one press, and who does not follow its rules is named', async ({
  page,
}) => {
  await signUp(page);
  const api = await Api.of(page);
  const leader = await addAccount(api, 'Gold master', 'master');
  const first = await addAccount(api, 'FTMO-3', 'follower');
  const second = await addAccount(api, 'APEX-1', 'follower');
  const { master_token } = await api.call<{ master_token: string }>(
    'GET',
    `/accounts/${leader.id}`,
  );
  for (const { id } of [first, second]) {
    await api.call('POST', `/accounts/${id}/subscriptions`, { master_token });
  }
  await beginRules(api, second);

  await page.goto('/settings');
  const defaults = page.getByRole('region', { name: 'My risk defaults' });
  await defaults.getByLabel('Daily loss').fill('4');
  await defaults.getByRole('button', { name: 'Save' }).click();
  await expect(defaults.getByText('Saved.', { exact: true })).toBeVisible();

  await page.goto(`/risk/${first.id}`);
  await page.getByRole('button', { name: 'Begin with my defaults' }).click();
  const rules = page.getByRole('dialog', { name: 'Rules for this account' });
  await expect(rules).toContainText('4 % of the starting balance');
  await expect(rules).toContainText('at most 2 positions');
  await rules.getByLabel('Starting balance').fill('100000');
  await rules.getByRole('button', { name: 'Begin with these rules' }).click();
  await expect(rules).toBeHidden();

  await openDashboard(page, 'Gold master');
  await page.getByRole('button', { name: 'Group of this master and my followers' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Gold master' })).toBeVisible();
  await expect(page).toHaveURL(/\/groups\//);
  const members = page.getByRole('table', { name: 'Accounts, weakest first' });
  for (const name of ['FTMO-3', 'APEX-1']) {
    await expect(members.getByRole('row').filter({ hasText: name })).toContainText(
      'copies Gold master',
    );
  }

  const required = page.getByRole('region', { name: 'Rules for all accounts' });
  await required.getByRole('button', { name: 'Require rules' }).click();
  const dialog = page.getByRole('dialog', { name: 'Rules for all accounts of Gold master' });
  await dialog.getByLabel('Take them from').selectOption({ label: 'The rules of FTMO-3' });
  await expect(dialog).toContainText('15 % of the starting balance');
  await dialog.getByRole('button', { name: 'Require these rules' }).click();
  await expect(required).toContainText('2 of 3 accounts do not follow them');
  const deviations = required.getByRole('list', { name: 'Who deviates' });
  const ofSecond = deviations
    .getByRole('listitem')
    .filter({ has: page.getByRole('link', { name: 'APEX-1' }) });
  await expect(ofSecond).toContainText('Limit: 4,000.00 USD required, 5,000.00 USD set');
  await expect(ofSecond).toContainText('It has no such rule. Required: 2 positions.');
  await expect(deviations.getByRole('link', { name: 'FTMO-3' })).toBeHidden();
  await deviations.getByRole('link', { name: 'APEX-1' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Risk of APEX-1' })).toBeVisible();

  // The way to figures: the page tells what the file it offers must hash to.
  await page.getByRole('link', { name: 'Set up the Reporter' }).first().click();
  const link = page.getByRole('link', { name: 'Download FlotillaReporter.mq5' });
  const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
  const file = await readFile(await download.path());
  expect(file.toString()).toContain('input string ServerHost');
  await page.getByText('Checksum (SHA-256)').click();
  await expect(page.getByText(createHash('sha256').update(file).digest('hex'))).toBeVisible();
});
