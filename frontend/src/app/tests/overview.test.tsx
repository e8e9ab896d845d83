import { screen, within } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { anAccount, anExchangeKey, aTrade } from '@/test/build';
import { open } from '@/test/render';
import { pageOf, serve } from '@/test/server';

const ACCOUNTS = () =>
  pageOf(anAccount(), anAccount({ id: 'paper', platform: 'paper', name: 'Paper' }));

test('real money counts, paper only where it is ticked, also next time', async () => {
  serve({ 'GET /api/v1/accounts': ACCOUNTS });
  const { user } = await open('/');

  expect(await screen.findByText('10,000.00 USD')).toBeDefined();
  await user.click(screen.getByText('1 of 2 accounts count'));
  await user.click(await screen.findByRole('checkbox', { name: 'Paper Simulated' }));
  expect(await screen.findByText('20,000.00 USD')).toBeDefined();
  expect(localStorage.getItem('flotilla.counted')).toBe('{"paper":true}');
});

test('virtual money of an exchange counts only where it is ticked', async () => {
  serve({
    'GET /api/v1/accounts': () =>
      pageOf(anAccount(), anAccount({ id: 'account-2', name: 'Coins', platform: 'bingx' })),
    'GET /api/v1/exchange-keys': () => ({ items: [anExchangeKey()], egress_addresses: [] }),
  });
  const { user } = await open('/');

  expect(await screen.findByText('10,000.00 USD')).toBeDefined();
  await user.click(screen.getByText('1 of 2 accounts count'));
  await user.click(await screen.findByRole('checkbox', { name: 'Coins DEMO' }));
  expect(await screen.findByText('20,000.00 USD')).toBeDefined();
  await vi.waitFor(() => expect(screen.getAllByText('DEMO')).toHaveLength(2));
});

test('the latest trades of the accounts that count are there, and lead to the journal', async () => {
  serve({
    'GET /api/v1/accounts': ACCOUNTS,
    'GET /api/v1/trades': () =>
      pageOf(aTrade(), aTrade({ id: 'other', symbol: 'EURUSD', account_id: 'paper' })),
    'GET /api/v1/trades/trade-1': () => aTrade(),
  });
  const { user, path } = await open('/');

  const latest = await screen.findByRole('region', { name: 'Latest trades' });
  await user.click(await within(latest).findByRole('button', { name: 'XAUUSD' }));
  await vi.waitFor(() => expect(path()).toBe('/trades?trade=trade-1'));
});

test('without accounts the page says where to begin', async () => {
  serve({});
  await open('/');
  expect(await screen.findByText('No accounts yet')).toBeDefined();
});

test('the account that was looked at last stays the active one', async () => {
  serve({
    'GET /api/v1/accounts': ACCOUNTS,
    'GET /api/v1/accounts/account-1': () => anAccount(),
  });
  localStorage.setItem('flotilla.account', 'account-1');
  await open('/groups');
  expect(await screen.findByRole('button', { name: 'Switch account: Gold master' })).toBeDefined();
});
