import { screen, within } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import type { Account, ExchangeKey } from '@/api/types';
import {
  aCopy,
  aGroup,
  anAccount,
  anExchangeKey,
  anOperation,
  aPosition,
  aTrade,
} from '@/test/build';
import { aGroupRisk, aSummary } from '@/test/build-risk';
import { open } from '@/test/render';
import { type Answer, pageOf, refuse, serve } from '@/test/server';

const KEY = 'Abcdefgh0123456789';
const SECRET = 'Zyxwvuts9876543210';

function aVenue(changes: Partial<Account> = {}): Account {
  return anAccount({
    id: 'account-2',
    name: 'Coins',
    platform: 'bingx',
    copy_role: 'follower',
    currency: 'USDT',
    ...changes,
  });
}

/** The account with its key, and whatever else is asked. */
function answers(key: ExchangeKey | null, more: Record<string, Answer> = {}, account = aVenue()) {
  return {
    'GET /api/v1/accounts': () => pageOf(account),
    'GET /api/v1/exchange-keys': () => keysOf(key),
    ...more,
  };
}

function keysOf(key: ExchangeKey | null) {
  return { items: key ? [key] : [], egress_addresses: ['203.0.113.7'] };
}

/** A server that takes the key, and has it from then on. */
function taking(key: ExchangeKey) {
  let kept: ExchangeKey | null = null;
  const put = vi.fn<Answer>(() => {
    kept = key;
    return key;
  });
  return {
    put,
    more: {
      'GET /api/v1/exchange-keys': () => keysOf(kept),
      'PUT /api/v1/accounts/account-2/exchange-key': put,
    },
  };
}

async function enterKey(more: Record<string, Answer>) {
  serve(answers(null, more));
  const { user } = await open('/connections?connect=account-2');
  const dialog = await screen.findByRole('dialog', { name: 'Connect Coins to BingX' });
  await user.type(within(dialog).getByLabelText('API key'), ` ${KEY} `);
  await user.type(within(dialog).getByLabelText('Secret key'), SECRET);
  await user.click(within(dialog).getByRole('button', { name: 'Connect' }));
  return { user, dialog: within(dialog) };
}

test('an account for which there is no live connection says how often it is read', async () => {
  serve(answers(anExchangeKey({ polled_every_s: 40 })));
  await open('/connections');
  const card = within(await screen.findByRole('region', { name: 'Coins' }));
  expect(
    card.getByText(/^read every 40 s: this server has as many live connections/),
  ).toBeDefined();
  expect(card.queryByText('told live')).toBeNull();
});

test('without an account the page says what a connection is for', async () => {
  serve({});
  await open('/connections');
  expect(await screen.findByText('No exchange is connected')).toBeDefined();
});

test('a connection tells state, permissions, mode, leverage and its last check', async () => {
  serve(answers(anExchangeKey()));
  await open('/connections');
  const card = within(await screen.findByRole('region', { name: 'Coins' }));
  expect(card.getByText('DEMO')).toBeDefined();
  expect(card.getByText('Connected')).toBeDefined();
  expect(card.getByText('read, trade perpetuals')).toBeDefined();
  expect(card.getByText('…4821')).toBeDefined();
  expect(card.getByText('One-way')).toBeDefined();
  expect(card.getByText('5×')).toBeDefined();
  expect(card.getByText('10,000.00 VST')).toBeDefined();
  expect(card.getAllByText(/ago$/).length).toBeGreaterThan(0);
});

test('where a simulator stands in for the exchange, the badge says so', async () => {
  serve(answers(anExchangeKey({ environment: 'live', simulated: true })));
  await open('/connections');
  const card = within(await screen.findByRole('region', { name: 'Coins' }));
  expect(await card.findByText('Simulated')).toBeDefined();
});

test('a key without a list of addresses is warned about, with ours', async () => {
  serve(
    answers(
      anExchangeKey({ ip_restricted: false, permissions: ['read', 'perpetual', 'transfer'] }),
    ),
  );
  await open('/connections');
  expect(await screen.findByText(/Bind it to 203\.0\.113\.7 at BingX/)).toBeDefined();
  expect(screen.getByText(/may move money between wallets/)).toBeDefined();
});

test('a key that fails says why, what to do, and that closing goes on', async () => {
  const last_error = {
    code: 'wrong_key',
    text: 'apiKey not exist',
    at: '2026-11-20T12:00:00Z',
  } as const;
  serve(answers(anExchangeKey({ status: 'failed', last_error })));
  await open('/connections');
  const alert = await screen.findByRole('alert');
  expect(alert.textContent).toContain('BingX does not know this key.');
  expect(alert.textContent).toContain('BingX said: apiKey not exist');
  expect(alert.textContent).toContain('Closing of what is open goes on being tried');
});

test('connecting shows the six steps and our address, and the secret only when asked', async () => {
  serve(answers(null));
  const { user } = await open('/connections?connect=account-2');
  const dialog = within(await screen.findByRole('dialog', { name: 'Connect Coins to BingX' }));
  expect(dialog.getByText(/Never allow “Withdraw”/)).toBeDefined();
  expect(dialog.getByText('203.0.113.7')).toBeDefined();
  expect(dialog.getByRole('radio', { name: 'Demo' }).matches(':checked')).toBe(true);
  const secret = dialog.getByLabelText('Secret key');
  expect(secret.getAttribute('type')).toBe('password');
  await user.click(dialog.getByRole('button', { name: 'Show Secret key' }));
  expect(secret.getAttribute('type')).toBe('text');
});

test('a key that works shows type, available balance and mode', async () => {
  const { put, more } = taking(anExchangeKey());
  const { dialog } = await enterKey(more);
  expect(await dialog.findByText('9,876.50 VST')).toBeDefined();
  expect(dialog.getByText('Perpetual futures')).toBeDefined();
  expect(dialog.getByText(/Trading is off/)).toBeDefined();
  expect(put.mock.calls[0]?.[0].body).toEqual({
    api_key: KEY,
    api_secret: SECRET,
    environment: 'demo',
  });
});

test.each([
  ['wrong_secret', /Key and secret do not belong together/, /Copy both again/],
  ['withdraw_permission', /can withdraw money/, /Take the permission “Withdraw”/],
  ['ip_not_allowed', /bound to other addresses/, /Add the address of this server/],
  ['uid_taken', /connected already/, /Disconnect it there first/],
  ['no_trade_permission', /may not trade/, /Allow “Perpetual futures trading”/],
])('a key refused for %s says what to do', async (code, what, todo) => {
  const detail = 'in English';
  const refusal = refuse(422, 'key_refused', [{ field: 'api_key', code, detail }]);
  const { dialog } = await enterKey({
    'PUT /api/v1/accounts/account-2/exchange-key': () => refusal,
  });
  const alert = await dialog.findByRole('alert');
  expect(alert.textContent).toMatch(what);
  expect(alert.textContent).toMatch(todo);
  // What was typed is still there, to be mended.
  expect(dialog.getByLabelText<HTMLInputElement>('API key').value).toContain(KEY);
});

test('while BingX does not answer the window says so, and may be closed', async () => {
  const { more } = taking(anExchangeKey({ status: 'pending', account_type: null, margin: null }));
  const { dialog } = await enterKey(more);
  expect(await dialog.findByText('BingX has not answered yet')).toBeDefined();
});

test('trading with real money is switched on only after it was named', async () => {
  const patch = vi.fn<Answer>(() => aVenue({ trading_enabled: true }));
  serve(
    answers(anExchangeKey({ environment: 'live' }), { 'PATCH /api/v1/accounts/account-2': patch }),
  );
  const { user } = await open('/connections');
  await user.click(await screen.findByRole('switch', { name: 'Trade in Coins' }));
  const dialog = await screen.findByRole('dialog', { name: 'Trade with real money in Coins?' });
  expect(patch).not.toHaveBeenCalled();
  await user.click(within(dialog).getByRole('button', { name: 'Trade with real money' }));
  await vi.waitFor(() => expect(patch.mock.calls[0]?.[0].body).toEqual({ trading_enabled: true }));
});

test('a key that does not work cannot be traded with', async () => {
  const patch = vi.fn<Answer>(() => aVenue());
  serve(
    answers(anExchangeKey({ status: 'failed' }), { 'PATCH /api/v1/accounts/account-2': patch }),
  );
  const { user } = await open('/connections');
  const control = await screen.findByRole('switch', { name: 'Trade in Coins' });
  expect(control.getAttribute('aria-disabled')).toBe('true');
  await user.click(control);
  expect(screen.queryByRole('dialog')).toBeNull();
});

test('disconnecting says how many copies stay open without anybody to close them', async () => {
  const remove = vi.fn<Answer>(() => 'nothing');
  serve(
    answers(anExchangeKey(), {
      'GET /api/v1/accounts/account-2/copies': () => pageOf(aCopy(), aCopy({ id: 'copy-2' })),
      'DELETE /api/v1/accounts/account-2/exchange-key': remove,
    }),
  );
  const { user } = await open('/connections');
  await user.click(await screen.findByRole('button', { name: 'Disconnect Coins' }));
  const dialog = await screen.findByRole('dialog', { name: 'Disconnect Coins?' });
  expect(await within(dialog).findByText(/2 copies are open there/)).toBeDefined();
  await user.click(within(dialog).getByRole('button', { name: 'Disconnect' }));
  await vi.waitFor(() =>
    expect(remove.mock.calls[0]?.[0].url.searchParams.get('open_copies')).toBe('keep'),
  );
  expect(await screen.findByText('Not connected')).toBeDefined();
});

test('leverage is a whole number, and set at once', async () => {
  const patch = vi.fn<Answer>(() => anExchangeKey({ leverage: 10 }));
  serve(answers(anExchangeKey(), { 'PATCH /api/v1/accounts/account-2/exchange-key': patch }));
  const { user } = await open('/connections');
  await user.click(await screen.findByRole('button', { name: 'Change leverage of Coins' }));
  const dialog = within(await screen.findByRole('dialog', { name: 'Leverage of Coins' }));
  const field = dialog.getByLabelText('Leverage, times');
  await user.clear(field);
  await user.type(field, '900');
  await user.click(dialog.getByRole('button', { name: 'Set leverage' }));
  expect(await dialog.findByText('Use a whole number from 1 to 150.')).toBeDefined();
  await user.clear(field);
  await user.type(field, '10');
  await user.click(dialog.getByRole('button', { name: 'Set leverage' }));
  expect(await screen.findByText('10×')).toBeDefined();
  expect(patch.mock.calls[0]?.[0].body).toEqual({ leverage: 10 });
});

test('a paper account tells how much its fills slip, and lets that be changed', async () => {
  const paper = aVenue({ platform: 'paper', name: 'Rehearsal', paper_slippage: null });
  const patch = vi.fn<Answer>(() => ({ ...paper, paper_slippage: '0.005' }));
  serve({
    ...answers(null),
    'GET /api/v1/accounts': () => pageOf(paper),
    'PATCH /api/v1/accounts/account-2': patch,
  });
  const { user } = await open('/connections');
  expect(await screen.findByText('0.02 %')).toBeDefined();
  await user.click(screen.getByRole('button', { name: 'Change slippage of Rehearsal' }));
  const dialog = within(await screen.findByRole('dialog', { name: 'Slippage of Rehearsal' }));
  const field = dialog.getByLabelText('Slippage, percent of the price');
  await user.type(field, '11');
  await user.click(dialog.getByRole('button', { name: 'Save' }));
  expect(await dialog.findByText('Use a number from 0 to 10.')).toBeDefined();
  await user.clear(field);
  await user.type(field, '0.5');
  await user.click(dialog.getByRole('button', { name: 'Save' }));
  await vi.waitFor(() =>
    expect(patch.mock.calls[0]?.[0].body).toEqual({ paper_slippage: '0.005' }),
  );
});

test('a new account at BingX leads to its key, not to one for a terminal', async () => {
  serve({
    ...answers(null),
    'POST /api/v1/accounts': () => ({ ...aVenue(), api_key: null }),
  });
  const { user } = await open('/accounts');
  const [add] = await screen.findAllByRole('button', { name: 'New account' });
  await user.click(add ?? document.body);
  const form = within(await screen.findByRole('dialog', { name: 'New account' }));
  await user.type(form.getByLabelText('Name'), 'Coins');
  await user.selectOptions(form.getByLabelText('Platform'), 'bingx');
  await user.click(form.getByRole('button', { name: 'Create account' }));
  expect(await screen.findByRole('dialog', { name: 'Connect Coins to BingX' })).toBeDefined();
});

test('everywhere the account appears, the demo is called a demo', async () => {
  serve(
    answers(anExchangeKey(), {
      'GET /api/v1/accounts/account-2': () => aVenue(),
      'GET /api/v1/accounts/account-2/subscriptions': () => pageOf(),
      'GET /api/v1/accounts/account-2/copies': () => pageOf(),
      'GET /api/v1/accounts/account-2/orphans': () => pageOf(),
    }),
  );
  await open('/accounts');
  const row = (await screen.findByRole('link', { name: 'Coins' })).closest('tr');
  expect(await within(row ?? document.body).findByText('DEMO')).toBeDefined();

  await open('/dashboard/account-2');
  await screen.findByRole('heading', { level: 1, name: 'Coins' });
  const main = within(screen.getAllByRole('main').at(-1) ?? document.body);
  expect((await main.findAllByText('DEMO')).length).toBeGreaterThan(0);
  expect((await main.findAllByText('Connected')).length).toBeGreaterThan(0);
});

test('the list of accounts says of each key whether it works and when it was checked, and asks once', async () => {
  const more = aVenue({ id: 'account-3', name: 'More coins' });
  const bad = anExchangeKey({
    account_id: 'account-3',
    status: 'failed',
    last_checked_at: null,
  });
  const calls = serve({
    'GET /api/v1/accounts': () => pageOf(aVenue(), more, anAccount()),
    'GET /api/v1/exchange-keys': () => ({ items: [anExchangeKey(), bad], egress_addresses: [] }),
  });
  await open('/accounts');
  const rowOf = async (name: string) =>
    within((await screen.findByRole('link', { name })).closest('tr') ?? document.body);

  const works = await rowOf('Coins');
  expect(await works.findByText('Connected')).toBeDefined();
  expect(works.getByText(/^checked/).textContent).toMatch(/^checked .+ ago$/);
  const fails = await rowOf('More coins');
  expect(fails.getByText('Key fails')).toBeDefined();
  expect(fails.getByText('not checked yet')).toBeDefined();
  const terminal = await rowOf('Gold master');
  expect(terminal.queryByText(/^checked|^Not connected/)).toBeNull();
  expect(calls.filter((call) => call === 'GET /api/v1/exchange-keys')).toHaveLength(1);
});

test('a card of the overview and a row of a group say that a key does not work', async () => {
  const key = anExchangeKey({ environment: 'live', status: 'failed', last_checked_at: null });
  serve(
    answers(key, {
      'GET /api/v1/groups': () => pageOf(aGroup([aVenue()])),
      'GET /api/v1/groups/group-1/risk': () =>
        aGroupRisk({
          weakest_account_id: 'account-2',
          weakest_account_name: 'Coins',
          members: [aSummary({ account_id: 'account-2', account_name: 'Coins' })],
        }),
    }),
  );
  await open('/');
  const card = (await screen.findByRole('heading', { name: 'Coins' })).closest('article');
  expect(await within(card ?? document.body).findByText('Key fails')).toBeDefined();
  expect(card?.textContent).toContain('not checked yet');

  await open('/groups/group-1');
  const table = await screen.findByRole('table', { name: 'Accounts, weakest first' });
  expect(await within(table).findByText('Key fails')).toBeDefined();
  expect(table.textContent).toContain('not checked yet');
});

test('beside a trade and in a stop that is under way a key that does not work is told of', async () => {
  const trade = aTrade({ account_id: 'account-2' });
  serve(
    answers(anExchangeKey({ environment: 'live', status: 'failed' }), {
      'GET /api/v1/trades': () => pageOf(trade),
      'GET /api/v1/trades/trade-1': () => trade,
      'POST /api/v1/stop': () => anOperation(),
      'GET /api/v1/stop/operation-1': () => anOperation(),
    }),
  );
  const { user } = await open('/trades?trade=trade-1');
  const drawer = within(await screen.findByRole('dialog', { name: 'Trade' }));
  expect(await drawer.findByText('Key fails')).toBeDefined();
  await user.click(drawer.getByRole('button', { name: 'Close' }));

  await user.click(await screen.findByRole('button', { name: 'Stop copying' }));
  await user.click(await screen.findByRole('radio', { name: 'Stop and close everything' }));
  await user.click(screen.getByRole('button', { name: 'Close everything' }));
  const progress = await screen.findByRole('dialog', { name: 'Closing every copy' });
  expect(await within(progress).findByText('Key fails')).toBeDefined();
});

test('the guide is there in Thai, with our address', async () => {
  serve({});
  await open('/guides/bingx', 'th');
  expect(await screen.findByRole('heading', { level: 1, name: 'เชื่อมต่อ BingX' })).toBeDefined();
  expect(await screen.findByText('203.0.113.7')).toBeDefined();
  expect(screen.getByText('อย่าเปิดสิทธิ์ถอนเงิน')).toBeDefined();
});

test('a dashboard shows what is open at the exchange: copies lead on, the rest is not ours', async () => {
  const own = aPosition({
    symbol: 'ETH-USDT',
    direction: 'SHORT',
    is_foreign: false,
    copy_id: 'copy-1',
    unrealised_pnl: '-3',
  });
  serve({
    ...answers(anExchangeKey()),
    'GET /api/v1/accounts/account-2': () => aVenue(),
    'GET /api/v1/accounts/account-2/positions': () => ({ items: [aPosition(), own] }),
    'GET /api/v1/accounts/account-2/copies': () => pageOf(),
    'GET /api/v1/accounts/account-2/orphans': () => pageOf(),
    'GET /api/v1/accounts/account-2/subscriptions': () => pageOf(),
  });
  await open('/dashboard/account-2');

  const table = await screen.findByRole('table', { name: 'Positions at the exchange' });
  const row = (symbol: string) =>
    within(within(table).getByRole('row', { name: new RegExp(symbol) }));
  expect(row('BTC-USDT').getByText('Not ours')).toBeDefined();
  expect(row('BTC-USDT').getByText('▲ +2.51 USDT')).toBeDefined();
  expect(row('BTC-USDT').getByText('5×')).toBeDefined();
  expect(row('ETH-USDT').getByRole('link', { name: 'Copy of ETH-USDT' })).toBeDefined();
  expect(row('ETH-USDT').getByText('▼ −3.00 USDT')).toBeDefined();
  expect(within(table).getByText('Quantity, coins')).toBeDefined();
});
