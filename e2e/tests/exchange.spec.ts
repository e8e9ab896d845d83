import type { Page } from '@playwright/test';
import { Api, addGroup } from '../api.ts';
import { expect, test } from '../fixtures.ts';
import {
  allowTrading,
  beginConnecting,
  createAccount,
  enterKey,
  goTo,
  masterToken,
  openDashboard,
  signUp,
} from '../steps.ts';
import { EGRESS_ADDRESS } from '../world/world.ts';

const CHART = { symbol: 'BTCUSD', bid: '108999.5', ask: '109000.5' };
const ORDER = {
  side: 'BUY',
  symbol: 'BTCUSD',
  price: '109000.0',
  lots: '0.01',
  ticket: '5001',
} as const;
/** BingX's numbers: spot, read, perpetual; and the one that takes money out. */
const SAFE = [1, 2, 3];
const WITHDRAW = 5;

test('a key is refused with its reason, then trades what its master trades, until it is revoked', async ({
  page,
  terminals,
  world,
}) => {
  const { exchange } = world;
  const owner = await exchange.openAccount();
  await signUp(page);
  const masterKey = await createAccount(page, 'Coin master', 'Master');
  await openDashboard(page, 'Coin master');
  const token = await masterToken(page);
  const master = await terminals.master(masterKey, CHART);

  const dialog = await beginConnecting(page, 'Coins');
  await expect(dialog.getByText(EGRESS_ADDRESS)).toBeVisible();
  await enterKey(dialog, { ...owner, secret: `${owner.secret}0` });
  await expect(dialog.getByRole('alert')).toContainText('Key and secret do not belong together');
  await exchange.change(owner, { permissions: [...SAFE, WITHDRAW] });
  await enterKey(dialog, owner);
  await expect(dialog.getByRole('alert')).toContainText('This key can withdraw money');
  await exchange.change(owner, { permissions: SAFE });
  await enterKey(dialog, owner);
  await expect(dialog.getByText('Coins is connected')).toBeVisible();
  await expect(dialog.getByText('10,000.00 VST')).toBeVisible();
  await dialog.getByRole('button', { name: 'Done' }).click();

  const card = page.getByRole('region', { name: 'Coins' });
  await expect(card.getByText('Simulated', { exact: true })).toBeVisible();
  await allowTrading(page, 'Coins');
  await served(page, 'Coins');

  await openDashboard(page, 'Coins');
  await page.getByLabel('Master token').fill(token);
  await page.getByRole('button', { name: 'Follow', exact: true }).click();
  await expect(page.getByText('Coin master').first()).toBeVisible();

  master.open(ORDER);
  await expect(page.getByRole('tab', { name: 'Open (1)' })).toBeVisible();
  await expect.poll(() => exchange.positions(owner)).toHaveLength(1);
  const positions = page.getByRole('table', { name: 'Positions at the exchange' });
  await expect(positions.getByRole('row', { name: /BTC-USDT/ })).toContainText('0.01');
  await page.getByRole('tabpanel').getByRole('link').first().click();
  await expect(page.getByRole('heading', { name: 'Copy of #5001' })).toBeVisible();
  await expect(page.getByText('Open', { exact: true }).first()).toBeVisible();
  const orders = page.getByRole('region', { name: 'Orders at the exchange' });
  await expect(orders).toContainText(/Fee\s*0\.\d+ VST/);
  const number = /The exchange’s number\s*(\d+)/.exec((await orders.textContent()) ?? '')?.[1];
  const ledger = await exchange.control({ op: 'ledger', host: 'demo', uid: owner.uid });
  expect(JSON.stringify(ledger)).toContain(number);
  const copy = new URL(page.url()).pathname;
  const places = await placesOf(page, copy);
  await expectMarkEverywhere(page, places);

  await goTo(page, copy);
  master.close(ORDER.symbol, ORDER.ticket, '109010.0', '0.10');
  await expect(page.getByText('Closed', { exact: true }).first()).toBeVisible();
  await expect.poll(() => exchange.positions(owner)).toHaveLength(0);
  await expect(orders.getByRole('heading', { name: /^Close · BTC-USDT/ })).toBeVisible();

  await exchange.change(owner, { disabled: true });
  await page.goto('/connections');
  await card.getByRole('button', { name: 'Test the key of Coins' }).click();
  await expect(card.getByText('Key fails')).toBeVisible();
  await expect(card.getByRole('alert')).toContainText('Nothing new is opened in this account');
  await expectFailureEverywhere(page, places);

  await exchange.change(owner, { disabled: false });
  await page.goto('/connections');
  await card.getByRole('button', { name: 'Replace the key of Coins' }).click();
  const replace = page.getByRole('dialog', { name: 'Replace the key of Coins' });
  await replace.getByLabel('API key', { exact: true }).fill(owner.key);
  await replace.getByLabel('Secret key', { exact: true }).fill(owner.secret);
  await replace.getByRole('button', { name: 'Replace key' }).click();
  await expect(replace.getByText('Coins is connected')).toBeVisible();
  await replace.getByRole('button', { name: 'Done' }).click();
  await expect(card.getByText('Connected', { exact: true })).toBeVisible();

  await card.getByRole('button', { name: 'Disconnect Coins' }).click();
  const question = page.getByRole('dialog', { name: 'Disconnect Coins?' });
  await expect(question.getByText('No copies are open there.')).toBeVisible();
  await question.getByRole('button', { name: 'Disconnect' }).click();
  await expect(card.getByText('Not connected', { exact: true })).toBeVisible();
});

/** Where the account at the exchange is named. */
interface Places {
  /** With the state of its key. */
  keyed: string[];
  /** With its badge alone, or where it is one of many. */
  named: string[];
}

/** Makes a group of the account, so that one names it too. */
async function placesOf(page: Page, copy: string): Promise<Places> {
  const api = await Api.of(page);
  const { items } = await api.call<{ items: { id: string; name: string; api_key: string }[] }>(
    'GET',
    '/accounts',
  );
  const named = (name: string) => items.filter((each) => each.name === name);
  const [coins, leader] = [...named('Coins'), ...named('Coin master')];
  const group = await addGroup(api, 'Coins of all', named('Coins'));
  return {
    keyed: ['/accounts', group, copy, `/dashboard/${coins?.id}`, `/risk/${coins?.id}`],
    named: [
      '/trades',
      '/compare',
      '/connections',
      '/groups',
      `/dashboard/${leader?.id}?tab=copies`,
    ],
  };
}

/** Reads on every screen that names the account that its money is none. */
async function expectMarkEverywhere(page: Page, { keyed, named }: Places): Promise<void> {
  const badge = page.getByRole('main').getByText('Simulated', { exact: true });
  await goTo(page, '/');
  await page.getByText('1 of 2 accounts count').click();
  await expect(badge).toBeVisible();
  for (const path of [...named, ...keyed]) {
    await goTo(page, path);
    await expect(badge.first(), path).toBeVisible();
  }
  for (const path of ['/trades', '/statistics', '/trades/calendar']) {
    await goTo(page, path);
    const choice = page.getByLabel('Account', { exact: true });
    await expect(choice.locator('option', { hasText: 'Coins · Simulated' }), path).toHaveCount(1);
  }
}

/** Reads on every screen where its key matters that it does not work; on the overview once it counts. */
async function expectFailureEverywhere(page: Page, { keyed }: Places): Promise<void> {
  const main = page.getByRole('main');
  const failure = main.getByText('Key fails', { exact: true });
  await goTo(page, '/');
  await page.getByText('1 of 2 accounts count').click();
  await page.getByRole('checkbox', { name: /^Coins/ }).check();
  await expect(failure.first()).toBeVisible();
  for (const path of [...keyed, '/alerts']) {
    await goTo(page, path);
    await expect(failure.first(), path).toBeVisible();
  }
  await expect(main.getByText('Simulated', { exact: true }).first()).toBeVisible();
}

test('the guide is one step from the connections', async ({ page }) => {
  await signUp(page);
  await page.goto('/connections');
  await page.getByRole('link', { name: 'How to make a key' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Connect BingX' })).toBeVisible();
  await expect(page.getByText(EGRESS_ADDRESS)).toBeVisible();
});

/** Waits until the account is served: a key that is verified is not listened with at once. It leaves the page. */
async function served(page: Page, name: string): Promise<void> {
  const api = await Api.of(page);
  const isOnline = async () => {
    const { items } = await api.call<{ items: { name: string; online: boolean }[] }>(
      'GET',
      '/accounts',
    );
    return items.find((account) => account.name === name)?.online;
  };
  await expect.poll(isOnline).toBe(true);
}
