import { screen, within } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { anAccount, aTrade } from '@/test/build';
import { open } from '@/test/render';
import { type Answer, pageOf, serve } from '@/test/server';

const CLOSED = aTrade({
  status: 'closed',
  exit_price: '2040.5',
  exit_at: '2026-11-20T13:30:00Z',
  pnl: '200',
  pnl_source: 'broker',
  executions: [
    { side: 'BUY', quantity: '0.2', price: '2030.5', at: '2026-11-20T12:00:00Z', fees: '0' },
    { side: 'SELL', quantity: '0.2', price: '2040.5', at: '2026-11-20T13:30:00Z', fees: '0' },
  ],
});

function serveTrades(list: Answer = () => pageOf(CLOSED)) {
  return serve({
    'GET /api/v1/accounts': () => pageOf(anAccount()),
    'GET /api/v1/trades': list,
    'GET /api/v1/trades/trade-1': () => CLOSED,
  });
}

test('filters are told in the address and asked of the server', async () => {
  const list = vi.fn<Answer>(() => pageOf(CLOSED));
  serveTrades(list);
  const { user, path } = await open('/trades');

  await user.selectOptions(await screen.findByLabelText('Source'), 'EA');
  await user.selectOptions(screen.getByLabelText('Status'), 'Closed');
  await user.type(screen.getByLabelText('Symbol'), 'XAUUSD{Enter}');

  await vi.waitFor(() => expect(path()).toBe('/trades?source=ea&status=closed&symbol=XAUUSD'));
  await vi.waitFor(() => {
    const asked = Object.fromEntries(list.mock.lastCall?.[0].url.searchParams ?? []);
    expect(asked).toEqual({ limit: '100', source: 'ea', status: 'closed', symbol: 'XAUUSD' });
  });
});

test('the head of a column sorts by it, newest first', async () => {
  const list = vi.fn<Answer>(() => pageOf(CLOSED));
  serveTrades(list);
  const { user } = await open('/trades');

  const head = await screen.findByRole('columnheader', { name: 'Opened' });
  expect(head.getAttribute('aria-sort')).toBe('descending');
  await user.click(screen.getByRole('button', { name: 'Closed' }));
  await vi.waitFor(() =>
    expect(list.mock.lastCall?.[0].url.searchParams.get('sort')).toBe('-exit_at'),
  );
  await user.click(screen.getByRole('button', { name: 'Closed' }));
  await vi.waitFor(() =>
    expect(list.mock.lastCall?.[0].url.searchParams.get('sort')).toBe('exit_at'),
  );
});

test('a trade opens beside the list, by its address too', async () => {
  serveTrades();
  const { user, path } = await open('/trades?trade=trade-1');

  const drawer = await screen.findByRole('dialog', { name: 'Trade' });
  const parts = await within(drawer).findByRole('table', { name: 'Entries and exits' });
  expect(within(parts).getAllByRole('row')).toHaveLength(3);
  expect(drawer.textContent).toContain('▲ +200.00 USD');
  expect(drawer.textContent).toContain('1 hour');

  await user.click(within(drawer).getByRole('button', { name: 'Close' }));
  await vi.waitFor(() => expect(path()).toBe('/trades'));
});

test('arrow keys go from trade to trade', async () => {
  serveTrades(() => pageOf(CLOSED, aTrade({ id: 'trade-2', symbol: 'EURUSD' })));
  const { user } = await open('/trades');

  const first = await screen.findByRole('button', { name: 'XAUUSD' });
  first.focus();
  await user.keyboard('{ArrowDown}');
  expect(document.activeElement?.textContent).toBe('EURUSD');
  await user.keyboard('{ArrowUp}');
  expect(document.activeElement?.textContent).toBe('XAUUSD');
});

test('when nothing fits, all trades are one press away', async () => {
  serveTrades(() => pageOf());
  const { user, path } = await open('/trades?symbol=NOPE');

  expect(await screen.findByText('No trade fits these filters')).toBeDefined();
  await user.click(screen.getByRole('link', { name: 'Show all trades' }));
  await vi.waitFor(() => expect(path()).toBe('/trades'));
});
