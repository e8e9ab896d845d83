import { screen, within } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import type { CopyDetail, Subscription } from '@/api/types';
import { aCopy, anAccount, aSubscription } from '@/test/build';
import { open } from '@/test/render';
import { type Answer, pageOf, refuse, serve } from '@/test/server';

const follower = anAccount({ id: 'account-2', name: 'Follower one', copy_role: 'follower' });

function copyAnswers(
  changes: Partial<CopyDetail>,
  subscription: Partial<Subscription> = {},
): Record<string, Answer> {
  return {
    'GET /api/v1/accounts': () => pageOf(follower),
    'GET /api/v1/accounts/account-2/subscriptions': () => pageOf(aSubscription(subscription)),
    'GET /api/v1/copies/copy-1': () => ({
      ...aCopy(),
      events: [
        { at: '2026-11-20T12:00:00Z', from: null, to: 'planned', cause: 'signal' },
        {
          at: '2026-11-20T12:00:00.412Z',
          from: 'claimed',
          to: 'open',
          cause: 'ack_open',
          evidence: 'ACK_OPEN|1001|880001|0.10|BUY',
        },
      ],
      candidates: [],
      orders: [],
      ...changes,
    }),
  };
}

test('a copy shows each step with its line, where the time went, and why this size', async () => {
  const sizing = { mode: 'multiplier', value: '0.5' } as const;
  const settings = { ...aSubscription().settings, sizing, lot_step: '0.01' };
  serve(copyAnswers({}, { settings }));
  await open('/copies/copy-1');

  expect(await screen.findByText('ACK_OPEN|1001|880001|0.10|BUY')).toBeDefined();
  expect(screen.getByText('424 ms in all')).toBeDefined();
  const size = within(await screen.findByRole('region', { name: 'Why this size' }));
  expect(size.getByText('0.2 × 0.5 = 0.1')).toBeDefined();
  expect(size.getByText('Step 0.01.')).toBeDefined();
  expect(size.queryByText(/changed after/)).toBeNull();
});

test('settings of today do not pretend to explain a copy of yesterday', async () => {
  serve(copyAnswers({ opened_lots: '0.4' }, { updated_at: '2026-11-21T00:00:00Z' }));
  await open('/copies/copy-1');
  const size = within(await screen.findByRole('region', { name: 'Why this size' }));
  expect(size.getByText('This copy had 0.4 lots.')).toBeDefined();
  expect(size.getByText(/changed after this copy/)).toBeDefined();
});

test('a reason says what happened, what it means and where to change it', async () => {
  serve(copyAnswers({ state: 'skipped', reason: { code: 'limit', text: null } }));
  const { user, path } = await open('/copies/copy-1');
  const why = within(await screen.findByRole('region', { name: 'Why' }));
  expect(why.getByText(/below the smallest allowed/)).toBeDefined();
  expect(why.getByText(/nothing is open/)).toBeDefined();
  await user.click(why.getByRole('link', { name: 'Copy settings' }));
  expect(path()).toBe('/dashboard/account-2?tab=settings');
});

test('a Thai reader gets the meaning in Thai', async () => {
  serve(copyAnswers({ state: 'skipped', reason: { code: 'offline', text: null } }));
  await open('/copies/copy-1', 'th');
  expect(await screen.findByText(/ระบบไม่ได้ส่งคำสั่งและจะไม่ส่งย้อนหลัง/)).toBeDefined();
});

const inDoubt: Partial<CopyDetail> = {
  state: 'attention',
  follower_ticket: null,
  reason: { code: 'ambiguous', text: null },
  candidates: [
    { ticket: '880002', first_seen_at: '2026-11-20T12:00:05Z', is_likely: true },
    { ticket: '870001', first_seen_at: '2026-11-19T12:00:05Z', is_likely: false },
  ],
};

test('a copy in doubt is linked to a position after its owner read what follows', async () => {
  const resolve = vi.fn<Answer>(() => ({ request_id: 'r' }));
  serve({ ...copyAnswers(inDoubt), 'POST /api/v1/copies/copy-1/resolve': resolve });
  const { user } = await open('/copies/copy-1');

  const list = within(await screen.findByRole('list', { name: /may be this copy/ }));
  expect(list.getAllByRole('listitem').map(({ textContent }) => textContent)).toEqual([
    expect.stringContaining('#880002Appeared after the order'),
    expect.stringContaining('#870001First reported'),
  ]);
  await user.click(list.getByRole('button', { name: 'Link position 880002' }));
  const dialog = await screen.findByRole('dialog', { name: 'Link position #880002?' });
  expect(dialog.textContent).toContain('closed when the master closes');
  expect(resolve).not.toHaveBeenCalled();
  await user.click(within(dialog).getByRole('button', { name: 'Link' }));

  expect(await screen.findByText('Your decision is being carried out.')).toBeDefined();
  expect(resolve.mock.calls[0]?.[0].body).toEqual({ action: 'link', ticket: '880002' });
});

test('leaving a copy names no position and warns that one may stay open', async () => {
  const resolve = vi.fn<Answer>(() => refuse(409, 'copy_not_in_doubt'));
  serve({
    ...copyAnswers({ ...inDoubt, candidates: [] }),
    'POST /api/v1/copies/copy-1/resolve': resolve,
  });
  const { user } = await open('/copies/copy-1');

  expect(await screen.findByText(/listed no position that could be/)).toBeDefined();
  await user.click(screen.getByRole('button', { name: 'Leave as it is' }));
  const dialog = await screen.findByRole('dialog');
  expect(dialog.textContent).toContain('stays open, also when the master closes');
  await user.click(within(dialog).getByRole('button', { name: 'Leave as it is' }));

  expect((await within(dialog).findByRole('alert')).textContent).toContain('settled meanwhile');
  expect(resolve.mock.calls[0]?.[0].body).toEqual({ action: 'leave' });
});

test('a closed copy whose position is there again is taken up or closed, and not left', async () => {
  const resolve = vi.fn<Answer>(() => ({ request_id: 'r' }));
  const candidates = [{ ticket: '880001', first_seen_at: '2026-11-20T12:00:05Z', is_likely: true }];
  const back: Partial<CopyDetail> = { state: 'closed', follower_ticket: '880001', candidates };
  serve({ ...copyAnswers(back), 'POST /api/v1/copies/copy-1/resolve': resolve });
  const { user } = await open('/copies/copy-1');

  expect(await screen.findByText(/Now the position is there again/)).toBeDefined();
  expect(screen.queryByRole('button', { name: 'Leave as it is' })).toBeNull();
  await user.click(screen.getByRole('button', { name: 'Link' }));
  const dialog = await screen.findByRole('dialog', { name: 'Link position #880001?' });
  await user.click(within(dialog).getByRole('button', { name: 'Link' }));

  expect(await screen.findByText('Your decision is being carried out.')).toBeDefined();
  expect(resolve.mock.calls[0]?.[0].body).toEqual({ action: 'link', ticket: '880001' });
});

test('a copy that is certain asks for nothing', async () => {
  serve(copyAnswers({}));
  await open('/copies/copy-1');
  expect(await screen.findByText('What happened')).toBeDefined();
  expect(screen.queryByText('Your decision')).toBeNull();
});

test('an open copy is closed by hand after one question that names the position', async () => {
  const resolve = vi.fn<Answer>(() => ({ request_id: 'request-1' }));
  serve({
    ...copyAnswers({ state: 'open', desired_lots: '0.1', follower_ticket: '880001' }),
    'POST /api/v1/copies/copy-1/resolve': resolve,
  });
  const { user } = await open('/copies/copy-1');

  await user.click(await screen.findByRole('button', { name: 'Close position' }));
  const dialog = await screen.findByRole('dialog');
  expect(dialog.textContent).toContain('#880001');
  await user.click(within(dialog).getByRole('button', { name: 'Close position' }));

  await vi.waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(resolve.mock.calls[0]?.[0].body).toEqual({ action: 'close', ticket: '880001' });
});

test('a close whose answer was lost is asked anew, not answered with what was done before', async () => {
  const resolve = vi.fn<Answer>(() => {
    throw new TypeError('failed to fetch');
  });
  serve({
    ...copyAnswers({ state: 'open', desired_lots: '0.1', follower_ticket: '880001' }),
    'POST /api/v1/copies/copy-1/resolve': resolve,
  });
  const { user } = await open('/copies/copy-1');

  for (let attempt = 0; attempt < 2; attempt++) {
    await user.click(await screen.findByRole('button', { name: 'Close position' }));
    const dialog = within(await screen.findByRole('dialog'));
    await user.click(dialog.getByRole('button', { name: 'Close position' }));
    expect((await dialog.findByRole('alert')).textContent).toContain('did not answer');
    await user.click(dialog.getByRole('button', { name: 'Cancel' }));
    await vi.waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  }
  const [first, second] = resolve.mock.calls.map(([{ headers }]) => headers.get('Idempotency-Key'));
  expect(first).toBeTruthy();
  expect(second).not.toBe(first);
});

test('a copy that is closing already has nothing left to close', async () => {
  serve(copyAnswers({ state: 'open', desired_lots: '0', follower_ticket: '880001' }));
  await open('/copies/copy-1');
  expect(await screen.findByText('What happened')).toBeDefined();
  expect(screen.queryByRole('button', { name: 'Close position' })).toBeNull();
});

test('a copy at an exchange shows its orders by both names, with fee, slippage and doubt', async () => {
  const at = '2026-11-20T12:00:00Z';
  const order = {
    leg: 'open',
    version: 1,
    client_id: 'f0193b2c5ao1',
    order_id: '1745839584339562496',
    symbol: 'BTC-USDT',
    direction: 'LONG',
    state: 'filled',
    quantity: '0.01',
    units_per_lot: '1',
    filled: '0.01',
    average_price: '109012.3',
    slippage: '0.000113',
    fee: '0.5450615',
    fee_asset: 'USDT',
    stop_loss: null,
    take_profit: null,
    sendings: 1,
    created_at: at,
    sent_at: at,
    answered_at: '2026-11-20T12:00:00.187Z',
    words: null,
  } as const;
  const doubtful = {
    ...order,
    leg: 'close',
    client_id: 'f0193b2c5ac1',
    order_id: null,
    state: 'unknown',
    sendings: 2,
    words: 'service unavailable',
  } as const;
  serve(copyAnswers({ quantity: '0.01', quantity_unit: 'coins', orders: [order, doubtful] }));
  await open('/copies/copy-1');
  const orders = within(await screen.findByRole('region', { name: 'Orders at the exchange' }));
  expect(orders.getByText('f0193b2c5ao1')).toBeDefined();
  expect(orders.getAllByText('1745839584339562496')).toHaveLength(1);
  expect(orders.getAllByText(/worse/)[0]?.textContent).toBe('0.011% worse');
  expect(orders.getAllByText(/^187\sms$/)).toHaveLength(2);
  expect(orders.getByText(/is not sent under another/)).toBeDefined();
  expect(orders.getByText('The exchange said: service unavailable')).toBeDefined();
  expect(screen.getByText('0.01 coins')).toBeDefined();
});
