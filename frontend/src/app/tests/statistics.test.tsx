import { act, screen, within } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { remember } from '@/lib/remembered';
import { anAccount, aTrade } from '@/test/build';
import { someStats } from '@/test/build-stats';
import { open } from '@/test/render';
import { type Answer, pageOf, serve } from '@/test/server';

const ACCOUNTS = () =>
  pageOf(anAccount(), anAccount({ id: 'paper', platform: 'paper', name: 'Paper' }));

test('every figure is there with what it means, and an undefined one is none', async () => {
  serve({ 'GET /api/v1/accounts': ACCOUNTS, 'GET /api/v1/stats': () => someStats() });
  await open('/statistics');

  const result = await screen.findByRole('region', { name: 'Result' });
  expect(result.textContent).toContain('▲ +100.00 USD');
  expect(result.textContent).toContain('What was won for each unit lost');
  const sharpe = within(screen.getByRole('region', { name: 'Risk' })).getByText('Sharpe ratio');
  expect(sharpe.parentElement?.textContent).toContain('no value');
});

test('a chart has its numbers behind a button', async () => {
  serve({ 'GET /api/v1/accounts': ACCOUNTS, 'GET /api/v1/stats': () => someStats() });
  const { user } = await open('/statistics');

  const equity = await screen.findByRole('region', { name: 'Equity after trades' });
  await user.click(within(equity).getByRole('button', { name: 'Show as table' }));
  const table = within(equity).getByRole('table', { name: 'Equity after trades' });
  expect(within(table).getAllByRole('row')[1]?.textContent).toContain('10,000.00 USD');
  expect(table.textContent).toContain('▼ −50.00 USD');
});

test('of many trades a sample is drawn, and says so', async () => {
  serve({
    'GET /api/v1/accounts': ACCOUNTS,
    'GET /api/v1/stats': () => someStats({ trades: 1_000_000 }),
  });
  const { user } = await open('/statistics');

  const scatter = await screen.findByRole('region', { name: 'Time held and result' });
  expect(scatter.textContent).toContain('2 of 1,000,000 closed trades');
  await user.click(within(scatter).getByRole('button', { name: 'Show as table' }));
  const table = within(scatter).getByRole('table', { name: 'Time held and result' });
  expect(table.textContent).toContain('▼ −50.00 USD');
});

test('account and period are asked of the server, the last day whole', async () => {
  const stats = vi.fn<Answer>(() => someStats());
  serve({ 'GET /api/v1/accounts': ACCOUNTS, 'GET /api/v1/stats': stats });
  await open('/statistics?account=account-1&from=2026-11-01&to=2026-11-30');

  await screen.findByRole('region', { name: 'Result' });
  expect(Object.fromEntries(stats.mock.lastCall?.[0].url.searchParams ?? [])).toEqual({
    account_id: 'account-1',
    from: '2026-10-31T17:00:00.000Z',
    to: '2026-11-30T17:00:00.000Z',
    scatter: 'true',
  });
});

test.each([
  '/statistics',
  '/trades/calendar',
  '/trades/days/2026-11-20',
  '/profile',
])('%s tells of the accounts that the overview counts, and says so', async (address) => {
  const stats = vi.fn<Answer>(() => someStats());
  serve({ 'GET /api/v1/accounts': ACCOUNTS, 'GET /api/v1/stats': stats });
  await open(address);

  const note = await screen.findByText(/Of 1 of your 2 accounts/);
  expect(within(note).getByRole('link', { name: 'overview' }).getAttribute('href')).toBe('/');
  await vi.waitFor(() => expect(stats).toHaveBeenCalled());
  for (const [{ url }] of stats.mock.calls) {
    expect(url.searchParams.getAll('account_id')).toEqual(['account-1']);
  }

  act(() => remember('counted', '{"account-1":false}'));
  await vi.waitFor(() => expect(screen.getByText(/Of 0 of your 2 accounts/)).toBeDefined());
  expect(stats.mock.calls.every(([{ url }]) => url.searchParams.has('account_id'))).toBe(true);
  act(() => remember('counted', '{"paper":true}'));
  await vi.waitFor(() =>
    expect(stats.mock.lastCall?.[0].url.searchParams.has('account_id')).toBe(false),
  );
  expect(screen.queryByText(/of your 2 accounts/)).toBeNull();
});

test('several currencies are not added up', async () => {
  const total = { accounts: 1, balance: '5', equity: '5', trades: 1, wins: 1, losses: 0 };
  const stats = vi.fn<Answer>(({ url }) =>
    url.searchParams.has('account_id')
      ? someStats({ currency: 'EUR', total_pnl: '5' })
      : someStats({
          currency: null,
          total_pnl: null,
          totals: [
            { ...total, currency: 'EUR', total_pnl: '5' },
            { ...total, currency: 'USD', total_pnl: '-7' },
          ],
        }),
  );
  serve({
    'GET /api/v1/stats': stats,
    'GET /api/v1/accounts': () =>
      pageOf(
        anAccount({ id: 'in-euros', currency: 'EUR' }),
        anAccount({ id: 'in-dollars', currency: 'USD' }),
      ),
  });
  const { user, path } = await open('/statistics');

  const table = await screen.findByRole('table', { name: 'By currency' });
  expect(table.textContent).toContain('▲ +5.00 EUR');
  expect(table.textContent).toContain('▼ −7.00 USD');

  await user.click(within(table).getByRole('button', { name: 'EUR' }));
  await screen.findByRole('region', { name: 'Result' });
  expect(path()).toBe('/statistics?currency=EUR');
  expect(stats.mock.lastCall?.[0].url.searchParams.getAll('account_id')).toEqual(['in-euros']);
});

test('a day of the calendar leads to the trades that closed on it', async () => {
  const stats = vi.fn<Answer>(() =>
    someStats({ days: [{ date: '2026-11-20', trades: 1, pnl: '-50' }] }),
  );
  const closed = aTrade({ status: 'closed', exit_at: '2026-11-20T10:00:00Z', pnl: '-50' });
  const virtual = { ...closed, id: 'other', symbol: 'EURUSD', account_id: 'paper' };
  const trades = vi.fn<Answer>(() => pageOf(closed, virtual));
  serve({
    'GET /api/v1/accounts': ACCOUNTS,
    'GET /api/v1/stats': stats,
    'GET /api/v1/trades': trades,
  });
  const { user, path } = await open('/trades/calendar?month=2026-11');

  const day = await screen.findByRole('link', { name: /20 November 2026: −50 USD, 1 trade/ });
  expect(Object.fromEntries(stats.mock.lastCall?.[0].url.searchParams ?? [])).toEqual({
    account_id: 'account-1',
    from: '2026-10-31T17:00:00.000Z',
    to: '2026-11-30T17:00:00.000Z',
  });
  await user.click(day);
  await vi.waitFor(() => expect(path()).toBe('/trades/days/2026-11-20'));
  expect(await screen.findByRole('button', { name: 'XAUUSD' })).toBeDefined();
  expect(screen.queryByRole('button', { name: 'EURUSD' })).toBeNull();
  expect(Object.fromEntries(trades.mock.lastCall?.[0].url.searchParams ?? [])).toMatchObject({
    status: 'closed',
    closed_from: '2026-11-19T17:00:00.000Z',
    closed_to: '2026-11-20T17:00:00.000Z',
    counted: 'true',
  });
});

test('a day of one currency has its trades alone', async () => {
  const stats = vi.fn<Answer>(() =>
    someStats({ currency: 'EUR', days: [{ date: '2026-11-20', trades: 1, pnl: '5' }] }),
  );
  const trades = vi.fn<Answer>(() => pageOf(aTrade({ status: 'closed', account_id: 'in-euros' })));
  serve({
    'GET /api/v1/stats': stats,
    'GET /api/v1/trades': trades,
    'GET /api/v1/accounts': () =>
      pageOf(anAccount({ id: 'in-euros', currency: 'EUR' }), anAccount({ currency: 'USD' })),
  });
  const { user, path } = await open('/trades/calendar?currency=EUR&month=2026-11');

  await user.click(await screen.findByRole('link', { name: /20 November 2026/ }));
  await vi.waitFor(() => expect(path()).toBe('/trades/days/2026-11-20?currency=EUR'));
  await vi.waitFor(() =>
    expect(stats.mock.lastCall?.[0].url.searchParams.getAll('account_id')).toEqual(['in-euros']),
  );
  await vi.waitFor(() =>
    expect(trades.mock.lastCall?.[0].url.searchParams.get('currency')).toBe('EUR'),
  );
});

test.each([
  '/trades/days/2026-11-20?currency=EUR',
  '/trades/calendar?currency=EUR&month=2026-11',
])('%s tells nothing of all accounts before those of the currency are known', async (address) => {
  const stats = vi.fn<Answer>(() => someStats({ currency: 'EUR' }));
  serve({
    'GET /api/v1/stats': stats,
    'GET /api/v1/trades': () => pageOf(),
    'GET /api/v1/accounts': () => pageOf(anAccount({ id: 'in-euros', currency: 'EUR' })),
  });
  await open(address);

  await vi.waitFor(() => expect(stats).toHaveBeenCalled());
  for (const [{ url }] of stats.mock.calls) {
    expect(url.searchParams.getAll('account_id')).toEqual(['in-euros']);
  }
});

test('the overview tells what the accounts that count brought', async () => {
  const stats = vi.fn<Answer>(() => someStats());
  serve({ 'GET /api/v1/accounts': ACCOUNTS, 'GET /api/v1/stats': stats });
  const { user } = await open('/');

  expect(await screen.findByText('▲ +100.00 USD')).toBeDefined();
  expect(await screen.findByText('of 2 closed trades')).toBeDefined();
  expect(await screen.findByRole('region', { name: 'Equity after each trade' })).toBeDefined();
  expect(stats.mock.lastCall?.[0].url.searchParams.getAll('account_id')).toEqual(['account-1']);

  await user.click(screen.getByText('1 of 2 accounts count'));
  await user.click(await screen.findByRole('checkbox', { name: 'Paper Simulated' }));
  await vi.waitFor(() =>
    expect(stats.mock.lastCall?.[0].url.searchParams.getAll('account_id')).toEqual([
      'account-1',
      'paper',
    ]),
  );
});

test('accounts are compared side by side', async () => {
  const compared = vi.fn<Answer>(() => ({
    items: [{ account_id: 'account-1', name: 'Gold', capital_level: '50K', stats: someStats() }],
  }));
  serve({
    'GET /api/v1/accounts': () =>
      pageOf(
        anAccount({ id: 'large', capital_level: '250K' }),
        anAccount({ capital_level: '50K' }),
      ),
    'GET /api/v1/stats/compare': compared,
  });
  await open('/compare');
  const table = await screen.findByRole('table', { name: 'Figures' });
  expect(compared.mock.lastCall?.[0].url.searchParams.getAll('account_id')).toEqual([
    'account-1',
    'large',
  ]);
  expect(table.textContent).toContain('50K');
  expect(table.textContent).toContain('1.0%');
  expect(table.textContent).toContain('▲ +50.00 USD');
});
