import { screen, within } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { anAccount, anExchangeKey, aTrade } from '@/test/build';
import { aSummary } from '@/test/build-risk';
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

test('the worst rule stands on its card, and the oldest figures and the next day above all', async () => {
  serve({
    'GET /api/v1/accounts': ACCOUNTS,
    'GET /api/v1/risk': () =>
      pageOf(
        aSummary({
          account_name: 'Gold master',
          as_of: '2026-11-20T11:00:00Z',
          next_reset_at: '2026-11-20T23:00:00Z',
        }),
        aSummary({
          account_id: 'paper',
          account_name: 'Paper',
          status: 'safe',
          last_known_status: 'safe',
          as_of: '2026-11-20T12:00:00Z',
          next_reset_at: '2026-11-20T22:00:00Z',
        }),
      ),
  });
  await open('/');

  const bar = await screen.findByRole('region', { name: 'Risk of all accounts' });
  expect(bar.textContent).toContain('1Caution');
  expect(bar.textContent).toContain('1Safe');
  expect(bar.textContent).toContain('Weakest: Gold master, Daily loss · 1,250.00\u00a0USD left');
  const oldest = within(bar).getByText(/^Oldest figures/);
  expect(oldest.querySelector('time')?.getAttribute('datetime')).toBe('2026-11-20T11:00:00Z');
  const next = within(bar).getByText(/^Next day begins/);
  expect(next.querySelector('time')?.getAttribute('datetime')).toBe('2026-11-20T22:00:00Z');
  const card = (await screen.findByRole('heading', { name: 'Gold master' })).closest('article');
  await vi.waitFor(() =>
    expect(card?.textContent).toContain('CautionDaily loss · 1,250.00\u00a0USD left (25.0%)'),
  );
});

test('a trade is typed in from here without another press', async () => {
  serve({ 'GET /api/v1/accounts': ACCOUNTS });
  const { user, path } = await open('/');

  await user.click(await screen.findByRole('link', { name: 'Add trade' }));
  const form = await screen.findByRole('dialog', { name: 'Add a trade' });
  await user.click(within(form).getByRole('button', { name: 'Cancel' }));
  await vi.waitFor(() => expect(path()).toBe('/trades'));
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
