import type { Locator, Page, Response } from '@playwright/test';
import { Api, addAccount, addGroup, beginRules } from '../api.ts';
import { expect, test } from '../fixtures.ts';
import { signUp } from '../steps.ts';

const board = (page: Page) => page.getByRole('region', { name: 'Summary' });
const rowOf = (page: Page, account: string): Locator =>
  page
    .getByRole('table', { name: 'Accounts, weakest first' })
    .getByRole('row')
    .filter({ has: page.getByRole('link', { name: account, exact: true }) });

async function chooseOwnLimits(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Choose rules' }).click();
  const dialog = page.getByRole('dialog', { name: 'Rules for this account' });
  await dialog.getByLabel('Firm and programme').selectOption({ label: 'Limits of my own' });
  await dialog.getByLabel('Starting balance').fill('100000');
  await dialog.getByLabel('Daily loss').fill('5');
  await dialog.getByLabel('Drawdown').fill('10');
  await dialog.getByRole('button', { name: 'Begin with these rules' }).click();
  await expect(dialog).toBeHidden();
}

async function buildGroup(page: Page, name: string, accounts: string[]): Promise<void> {
  await page.goto('/groups');
  await page.getByRole('button', { name: 'New group' }).first().click();
  await page.getByRole('dialog').getByLabel('Name').fill(name);
  await page.getByRole('button', { name: 'Create group' }).click();
  for (const account of accounts) {
    await page.getByRole('button', { name: 'Add account' }).click();
    const dialog = page.getByRole('dialog', { name: `Add an account to ${name}` });
    await dialog.getByLabel('Account').selectOption({ label: `${account} · Follower` });
    await dialog.getByRole('button', { name: 'Add account' }).click();
    await expect(dialog).toBeHidden();
  }
  await page.getByRole('link', { name: 'Open the risk board' }).click();
}

test('a group shows the account that nears, reaches and crosses its line, as it happens', async ({
  page,
  terminals,
}) => {
  await signUp(page);
  const api = await Api.of(page);
  const weak = await addAccount(api, 'FTMO-3', 'follower');
  const calm = await addAccount(api, 'APEX-1', 'follower');
  await beginRules(api, calm);
  await page.goto(`/risk/${weak.id}`);
  await chooseOwnLimits(page);
  await expect(page.getByText('No figures yet')).toBeVisible();
  const reporter = await terminals.reporter(weak.api_key, 100_000);
  await terminals.reporter(calm.api_key, 100_000);
  await expect(page.getByText('5,000.00 USD left', { exact: true })).toBeVisible();

  await buildGroup(page, 'Funded', ['APEX-1', 'FTMO-3']);
  await expect(board(page)).toContainText('Gate open');
  await expect(board(page).getByText('Safe', { exact: true })).toBeVisible();

  reporter.moveTo(97_400);
  await expect(board(page)).toContainText('FTMO-3: Daily loss, 2,400.00 USD left (48.0%)');
  await expect(board(page)).toContainText('Gate open, with care');
  await expect(rowOf(page, 'FTMO-3')).toContainText('Weakest');
  await expect(rowOf(page, 'FTMO-3')).toContainText('Caution');
  await expect(rowOf(page, 'APEX-1')).toContainText('Safe');
  await expect(rowOf(page, 'APEX-1')).not.toContainText('Weakest');

  reporter.moveTo(95_900);
  await expect(board(page)).toContainText('FTMO-3: Daily loss, 900.00 USD left (18.0%)');
  await expect(board(page).getByText('Critical', { exact: true })).toBeVisible();
  await expect(board(page)).toContainText('Gate closed');

  reporter.moveTo(94_900);
  await expect(board(page)).toContainText('100.00 USD over the line');
  await expect(rowOf(page, 'FTMO-3')).toContainText('Limit crossed');

  // Having come back does not undo it.
  reporter.moveTo(100_000);
  await expect(rowOf(page, 'FTMO-3')).toContainText('100,000.00 USD');
  await expect(board(page).getByText('Limit crossed', { exact: true })).toBeVisible();
  await rowOf(page, 'FTMO-3').getByRole('link', { name: 'FTMO-3' }).click();
  const banner = page.getByRole('main').getByRole('alert');
  await expect(banner).toContainText('Daily loss: limit crossed by our measurement');
  await expect(banner).toContainText('Measured 94,900.00 USD, the line was at 95,000.00 USD.');
  await expect(page.getByText('Lines that were crossed')).toBeVisible();
});

interface WhatIf {
  max_leader_lots: string;
  binding: { account_id: string; reason: string };
  per_account: { account_id: string; after: { status: string } }[];
  asked: WhatIf['per_account'];
}

const WORDS: Record<string, string> = {
  safe: 'Safe',
  caution: 'Caution',
  critical: 'Critical',
  violated: 'Limit crossed',
};

/** The first answer of the server that is meant, to questions the page asks from `act` on. */
async function answered(
  page: Page,
  isMeant: (answer: WhatIf) => boolean,
  act: () => Promise<void>,
): Promise<WhatIf> {
  const isAnswer = async (response: Response) =>
    response.url().endsWith('/risk/what-if') && isMeant(await response.json());
  const [response] = await Promise.all([page.waitForResponse(isAnswer), act()]);
  return response.json();
}

test('what the next trade may be is bounded by the weakest account, and old figures are never called safe', async ({
  page,
  terminals,
}) => {
  await signUp(page);
  const api = await Api.of(page);
  const weak = await addAccount(api, 'FTMO-3', 'follower');
  const calm = await addAccount(api, 'APEX-1', 'follower');
  const names: Record<string, string> = { [weak.id]: 'FTMO-3', [calm.id]: 'APEX-1' };
  await beginRules(api, weak);
  await beginRules(api, calm);
  const [weakReporter, calmReporter] = [
    await terminals.reporter(weak.api_key, 100_000),
    await terminals.reporter(calm.api_key, 100_000),
  ];
  weakReporter.moveTo(98_400);
  await page.goto(await addGroup(api, 'Funded', [calm, weak]));
  await expect(board(page)).toContainText('FTMO-3: Daily loss, 3,400.00 USD left');

  const most = await answered(
    page,
    ({ max_leader_lots }) => max_leader_lots !== null,
    () => page.getByLabel('Loss of one lot at the stop').fill('500'),
  );
  // 3,400 are left and 1,000 of them are critical: 4.8 lots at 500 each reach that.
  expect(Number(most.max_leader_lots)).toBeCloseTo(4.8, 1);
  expect(most.binding).toEqual(expect.objectContaining({ account_id: weak.id, reason: 'limit' }));
  const panel = page.getByRole('region', { name: 'How large may the next trade be?' });
  await expect(panel).toContainText(`At most ${most.max_leader_lots} lots`);
  await expect(panel).toContainText('FTMO-3 bounds it.');

  const asked = await answered(
    page,
    ({ asked }) => asked.some(({ after }) => after.status === 'violated'),
    () => panel.getByRole('slider').press('End'),
  );
  for (const { account_id, after } of asked.asked) {
    // The first list; the one after it tells what open stops would cost.
    const row = panel
      .getByRole('listitem')
      .filter({ hasText: names[account_id] ?? account_id })
      .first();
    await expect(row).toContainText(WORDS[after.status] ?? 'a status without a word');
  }
  const worst = asked.asked.find(({ account_id }) => account_id === weak.id);
  expect(worst?.after.status).toBe('violated');

  // Its terminal is gone, and so is what anybody can promise.
  weakReporter.moveTo(100_000);
  await expect(board(page).getByText('Safe', { exact: true })).toBeVisible();
  calmReporter.stop();
  const path = `/accounts/${calm.id}/rules`;
  const { version, rules } = await api.call<{ version: number; rules: object[] }>('GET', path);
  await api.call('PUT', path, { version, rules, stale_after_s: 2 });
  await expect(board(page).getByText('No fresh figures', { exact: true })).toBeVisible();
  await expect(board(page)).toContainText('Gate closed');
  await expect(board(page)).toContainText('1 account not known');
  await expect(board(page).getByText('Safe', { exact: true })).toBeHidden();
  await expect(rowOf(page, 'APEX-1')).toContainText('last known: Safe');
  await expect(rowOf(page, 'APEX-1').getByText('Safe', { exact: true })).toBeHidden();
  await page.goto('/accounts');
  const fleet = page.getByRole('region', { name: 'Risk of all accounts' });
  await expect(fleet.getByRole('listitem')).toHaveText(['1No fresh figures', '1Safe']);
});
