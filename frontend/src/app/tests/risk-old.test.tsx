import { screen, within } from '@testing-library/react';
import { afterEach, expect, test, vi } from 'vitest';
import { aGroup, anAccount, aSubscription } from '@/test/build';
import { aGroupRisk, aRisk, aRule, aSummary } from '@/test/build-risk';
import { open } from '@/test/render';
import { type Answer, pageOf, refuse, serve } from '@/test/server';

const account = anAccount({ name: 'FTMO-3' });

afterEach(() => vi.useRealTimers());

test('what would be after a trade is not known of an account that is not known now', async () => {
  const share = (account_id: string) => ({
    account_id,
    lots: '0',
    loss: '0',
    after: { equity: '100000', status: 'safe', rules: [] },
  });
  serve({
    'GET /api/v1/accounts': () => pageOf(account),
    'GET /api/v1/groups': () => pageOf(aGroup([account])),
    'GET /api/v1/groups/group-1/risk': () =>
      aGroupRisk({
        members: [
          aSummary({ account_id: 'old', account_name: 'Old', status: 'stale', stale: true }),
          aSummary({ account_id: 'known', account_name: 'Known', status: 'safe' }),
        ],
      }),
    'POST /api/v1/groups/group-1/risk/what-if': () => ({
      max_leader_lots: '0',
      binding: { account_id: 'old', rule_id: null, reason: 'stale' },
      per_account: [share('old'), share('known')],
      zero_size: ['known'],
      asked: [],
      stopped_out: [],
    }),
  });
  const { user } = await open('/groups/group-1');
  await user.type(await screen.findByLabelText('Loss of one lot at the stop'), '500');
  const answer = (await screen.findByText('At most 0 lots')).closest('div') ?? document.body;
  const [old, known] = within(answer).getAllByRole('listitem');
  expect(old?.textContent).toContain('No fresh figures');
  expect(old?.textContent).not.toContain('Safe');
  expect(known?.textContent).toContain('Safe');
  expect(answer.textContent).toContain('Too small for Known: they would skip');
});

test('where the lines will be after the day is said of an old account without calling it safe', async () => {
  const [ends, sooner] = ['2026-11-20T23:00:00Z', '2026-11-20T22:00:00Z'];
  const after = {
    rule_id: 'daily',
    at: ends,
    floor: '91250',
    buffer: '5000',
    status: 'safe',
  } as const;
  const risk = aRisk({
    status: 'stale',
    stale: true,
    next_reset_at: ends,
    rules: [aRule({ next_reset_at: ends }), aRule({ rule_id: 'own', next_reset_at: sooner })],
    after_reset: [after, { ...after, rule_id: 'own', at: sooner, floor: '95250' }],
  });
  serve({
    'GET /api/v1/accounts/account-1': () => account,
    'GET /api/v1/accounts/account-1/risk': () => risk,
  });
  await open('/risk/account-1');
  const until = await screen.findByRole('region', { name: 'Until the day ends' });
  expect(until.textContent).toContain('Line at 91,250.00\u00a0USD');
  expect(until.textContent).not.toContain('Safe');

  // A rule that has its own clock ends its day at its own time.
  const [first, second] = within(until).getAllByRole('listitem');
  expect(first?.querySelector('time')).toBeNull();
  expect(second?.querySelector('time')?.getAttribute('datetime')).toBe(sooner);
  const days = screen.getAllByText(/^2026-11-20( ·|$)/).map((day) => day.textContent);
  expect(days).toEqual(['2026-11-20 · 00:00 Europe/Prague', '2026-11-20']);
});

test('a list that cannot be read again stops being safe, and so does the gate', async () => {
  let isAway = false;
  const whileThere = (answer: () => unknown) => () =>
    isAway ? refuse(503, 'unavailable') : answer();
  serve({
    'GET /api/v1/accounts': () => pageOf(account),
    'GET /api/v1/groups': () => pageOf(aGroup([account])),
    'GET /api/v1/groups/group-1/risk': whileThere(() =>
      aGroupRisk({
        overall_status: 'safe',
        gate: 'open',
        members: [aSummary({ status: 'safe', last_known_status: 'safe' })],
      }),
    ),
  });
  vi.useFakeTimers({ toFake: ['Date', 'setInterval', 'clearInterval'] });
  await open('/groups');
  expect(await screen.findByText('Gate open')).toBeDefined();
  expect(screen.getByText('Safe')).toBeDefined();

  isAway = true;
  await vi.advanceTimersByTimeAsync(62_000);
  expect(await screen.findByText('No fresh figures')).toBeDefined();
  expect(screen.getByText('Gate closed')).toBeDefined();
  expect(screen.getByText('1 account not known')).toBeDefined();
  expect(screen.queryByText('Safe')).toBeNull();
  expect(screen.queryByText('Gate open')).toBeNull();
});

test('the next trade is asked about as each follower copies, and what is not known has to be typed', async () => {
  const ask = vi.fn<Answer>(() => ({
    max_leader_lots: '1',
    binding: null,
    per_account: [],
    zero_size: [],
    asked: [],
    stopped_out: [],
  }));
  const copies_from = [{ account_id: 'account-9', name: 'Gold' }];
  const sized = (mode: 'multiplier' | 'equity_ratio', value: string) =>
    pageOf(aSubscription({ settings: { ...aSubscription().settings, sizing: { mode, value } } }));
  serve({
    'GET /api/v1/accounts': () => pageOf(account),
    'GET /api/v1/groups': () => pageOf(aGroup([account])),
    'GET /api/v1/groups/group-1/risk': () =>
      aGroupRisk({
        members: [
          aSummary({ account_id: 'leads', account_name: 'Leads' }),
          aSummary({ account_id: 'thrice', account_name: 'Thrice', copies_from }),
          aSummary({ account_id: 'part', account_name: 'Part', currency: 'JPY', copies_from }),
        ],
      }),
    'GET /api/v1/accounts/thrice/subscriptions': () => sized('multiplier', '3'),
    'GET /api/v1/accounts/part/subscriptions': () => sized('equity_ratio', '1'),
    'POST /api/v1/groups/group-1/risk/what-if': ask,
  });
  const { user } = await open('/groups/group-1');
  const inYen = 'Loss of one lot at the stop, JPY accounts';
  await user.type(await screen.findByLabelText(inYen), '80000');
  await user.type(screen.getByLabelText('Loss of one lot at the stop, USD accounts'), '500');
  await screen.findByText(/How large the copy of Part is cannot be said beforehand/);
  expect(ask).not.toHaveBeenCalled();

  const part = screen.getByRole('group', { name: 'Part' });
  await user.type(within(part).getByLabelText('Value of a lot (JPY)'), '9000000');
  await user.type(within(part).getByLabelText('Lots per lot'), '0.5');
  await vi.waitFor(() => expect(ask).toHaveBeenCalled());
  const { accounts } = ask.mock.lastCall?.[0].body as { accounts: object[] };
  expect(accounts).toEqual([
    expect.objectContaining({
      account_id: 'leads',
      ratio: '1',
      risk_per_lot: '500',
      notional_per_lot: null,
    }),
    expect.objectContaining({ account_id: 'thrice', ratio: '3', risk_per_lot: '500' }),
    expect.objectContaining({
      account_id: 'part',
      ratio: '0.5',
      risk_per_lot: '80000',
      notional_per_lot: '9000000',
    }),
  ]);
});
