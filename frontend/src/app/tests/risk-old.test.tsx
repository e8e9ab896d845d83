import { screen, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import { aGroup, anAccount } from '@/test/build';
import { aGroupRisk, aRisk, aSummary } from '@/test/build-risk';
import { open } from '@/test/render';
import { pageOf, serve } from '@/test/server';

const account = anAccount({ name: 'FTMO-3' });

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
      zero_size: [],
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
});

test('where the lines will be after the day is said of an old account without calling it safe', async () => {
  const risk = aRisk({
    status: 'stale',
    stale: true,
    next_reset_at: '2026-11-20T23:00:00Z',
    after_reset: [
      {
        rule_id: 'daily',
        at: '2026-11-20T23:00:00Z',
        floor: '91250',
        buffer: '5000',
        status: 'safe',
      },
    ],
  });
  serve({
    'GET /api/v1/accounts/account-1': () => account,
    'GET /api/v1/accounts/account-1/risk': () => risk,
  });
  await open('/risk/account-1');
  const until = await screen.findByRole('region', { name: 'Until the day ends' });
  expect(until.textContent).toContain('Line at 91,250.00\u00a0USD');
  expect(until.textContent).not.toContain('Safe');
});
