import type { Page } from '@playwright/test';
import { Api, addAccount, addGroup, addTrade, beginRules, type NewAccount } from '../api.ts';
import { expect, type Terminals } from '../fixtures.ts';
import type { User } from '../steps.ts';
import type { World } from '../world/world.ts';

/** One of each thing that an address or a body names, all of the same user. */
export interface Owned {
  master: NewAccount;
  masterToken: string;
  /** Copies, and has rules, a corrected line and a crossed one. */
  follower: NewAccount;
  /** Follows too, until it is removed. */
  leaver: NewAccount;
  journal: NewAccount;
  /** In no group. */
  spare: NewAccount;
  /** At the exchange, with a key. */
  coins: NewAccount;
  subscription: string;
  leaving: string;
  slug: string;
  copy: string;
  alert: string;
  floor: string;
  violation: string;
  group: string;
  /** A group of nobody. */
  empty: string;
  /** With its picture. */
  trade: string;
  /** Two that may go. */
  loose: [string, string];
  screenshot: string;
  key: string;
  share: string;
  shareToken: string;
  stop: string;
  contract: { symbol: string; environment: string };
  day: string;
}

interface Found {
  id: string;
}

interface Listed<Item> {
  items: Item[];
}

/** BingX's numbers: spot, read, perpetual. */
const SAFE = [1, 2, 3];
/** One transparent pixel. */
const PICTURE = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64',
);
const SLUG = 'steady-gold';

/** Makes all of them for the user who is signed in on the page. */
export async function makeAll(
  page: Page,
  user: User,
  world: World,
  terminals: Terminals,
): Promise<Owned> {
  const api = await Api.of(page);
  const accounts = {
    master: await addAccount(api, 'Gold', 'master', { currency: 'USD' }),
    follower: await addAccount(api, 'Silver', 'follower', { currency: 'USD' }),
    leaver: await addAccount(api, 'Bronze', 'follower', { currency: 'USD' }),
    journal: await addAccount(api, 'Paper', 'none', { platform: 'other', currency: 'USD' }),
    spare: await addAccount(api, 'Spare', 'none', { platform: 'other', currency: 'USD' }),
    coins: await addAccount(api, 'Coins', 'follower', { platform: 'bingx' }),
  };
  const contract = await connect(api, accounts.coins, world);
  const copied = await copy(api, accounts, terminals);
  const judged = await judge(api, accounts.follower);
  const day = '2026-11-02';
  await api.call('PUT', `/rates/EUR/USD/${day}`, { rate: '1.1' });
  const group = await addGroup(api, 'Funded', [accounts.follower, accounts.journal]);
  const empty = await addGroup(api, 'Nobody', []);
  return {
    ...accounts,
    ...copied,
    ...judged,
    ...(await write(page, api, accounts.journal)),
    ...(await hand(api, user, accounts.leaver)),
    group: group.replace('/groups/', ''),
    empty: empty.replace('/groups/', ''),
    alert: await first(api, '/alerts'),
    contract,
    day,
  };
}

async function connect(api: Api, { id }: NewAccount, world: World): Promise<Owned['contract']> {
  const at = await world.exchange.openAccount();
  await world.exchange.change(at, { permissions: SAFE });
  const key = { api_key: at.key, api_secret: at.secret, environment: 'demo' };
  await api.call('PUT', `/accounts/${id}/exchange-key`, key);
  const priced = () =>
    world.database.query<Owned['contract']>(
      'select symbol, environment::text from venue_contracts where last_price is not null limit 1',
    );
  await expect.poll(async () => (await priced()).length, { timeout: 60_000 }).toBe(1);
  const [contract] = await priced();
  return contract ?? { symbol: '', environment: '' };
}

type Copied = Pick<Owned, 'masterToken' | 'subscription' | 'leaving' | 'slug' | 'copy'>;

async function copy(
  api: Api,
  { master, follower, leaver }: Pick<Owned, 'master' | 'follower' | 'leaver'>,
  terminals: Terminals,
): Promise<Copied> {
  const { master_token } = await api.call<{ master_token: string }>(
    'GET',
    `/accounts/${master.id}`,
  );
  const follow = ({ id }: NewAccount) =>
    api.call<Found>('POST', `/accounts/${id}/subscriptions`, { master_token });
  const [subscription, leaving] = [await follow(follower), await follow(leaver)];
  const ea = await terminals.master(master.api_key);
  await (await terminals.follower(follower.api_key)).snapshot([]);
  ea.open({ side: 'BUY', symbol: 'XAUUSD', price: '2030.50', lots: '0.10', ticket: '1' });
  const face = { is_public: true, slug: SLUG, description: 'Since 2019.' };
  await api.call('PATCH', `/accounts/${master.id}`, face);
  return {
    masterToken: master_token,
    subscription: subscription.id,
    leaving: leaving.id,
    slug: await shown(api),
    copy: await first(api, `/accounts/${follower.id}/copies`),
  };
}

/** The worker brings the directory up to date once a minute. */
async function shown(api: Api): Promise<string> {
  const list = () => api.call<Listed<{ slug: string }>>('GET', '/masters');
  await expect.poll(async () => (await list()).items.length, { timeout: 90_000 }).toBe(1);
  return SLUG;
}

async function judge(api: Api, account: NewAccount): Promise<Pick<Owned, 'floor' | 'violation'>> {
  const path = `/accounts/${account.id}`;
  const figures = (equity: string) =>
    api.call('POST', `${path}/snapshots`, { balance: '100000', equity });
  await beginRules(api, account);
  await figures('99000');
  const floor = { rule_id: 'total', floor: '91000', reason: 'first payout' };
  await api.call('POST', `${path}/floor-overrides`, floor);
  const { floor_overrides } = await api.call<{ floor_overrides: Found[] }>(
    'GET',
    `${path}/corrections`,
  );
  await figures('80000');
  return {
    floor: floor_overrides[0]?.id ?? '',
    violation: await first(api, `${path}/violations`),
  };
}

async function write(
  page: Page,
  api: Api,
  journal: NewAccount,
): Promise<Pick<Owned, 'trade' | 'loose' | 'screenshot'>> {
  const bought = { asset_type: 'stock', quantity: '10', entry_price: '150' };
  for (const symbol of ['AAPL', 'MSFT', 'NVDA']) {
    await addTrade(api, journal, { ...bought, symbol, entry_at: '2026-11-02T10:00:00Z' });
  }
  const trade = (symbol: string) => first(api, `/trades?account_id=${journal.id}&symbol=${symbol}`);
  const kept = await trade('AAPL');
  const added = await page.request.post(`/api/v1/trades/${kept}/screenshots`, {
    headers: { authorization: api.authorization, 'content-type': 'image/png' },
    data: PICTURE,
  });
  expect(added.status(), await added.text()).toBe(201);
  const { id } = (await added.json()) as Found;
  return { trade: kept, loose: [await trade('MSFT'), await trade('NVDA')], screenshot: id };
}

/** What is given out: a key, a link; and a stop. */
async function hand(
  api: Api,
  { password }: User,
  { id }: NewAccount,
): Promise<Pick<Owned, 'key' | 'share' | 'shareToken' | 'stop'>> {
  const key = { name: 'Bridge', scopes: ['read'], expires_in_days: 7, password };
  const link = {
    name: 'For Ben',
    sections: ['statistics', 'curve', 'trades', 'positions'],
    shows_money: false,
    shows_names: false,
    delay_minutes: 0,
    expires_in_days: 7,
  };
  const share = await api.call<Found & { token: string }>('POST', '/shares', link);
  const stop = { scope: 'account', account_id: id, action: 'stop_new' };
  return {
    key: (await api.call<Found>('POST', '/me/api-keys', key)).id,
    share: share.id,
    shareToken: share.token,
    stop: (await api.call<Found>('POST', '/stop', stop)).id,
  };
}

/** The newest of a list, as soon as there is one. */
async function first(api: Api, path: string): Promise<string> {
  const list = () => api.call<Listed<Found>>('GET', path);
  await expect.poll(async () => (await list()).items.length, path).toBeGreaterThan(0);
  return (await list()).items[0]?.id ?? '';
}
