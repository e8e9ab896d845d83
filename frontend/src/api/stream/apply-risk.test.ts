import { QueryClient } from '@tanstack/react-query';
import { expect, test } from 'vitest';
import { aGroupRisk, aRisk, aRule, aSummary } from '@/test/build-risk';
import { keys } from '../keys';
import type { AccountRisk, GroupRisk, Page, RiskSummary } from '../types';
import { applyMessages } from './apply';
import type { StreamMessage } from './messages';

function message(type: StreamMessage['type'], data: unknown): StreamMessage {
  return { topic: '*', seq: 1, at: '2026-11-20T12:00:00Z', type, data } as StreamMessage;
}

test('risk of an account is kept, in the list of all accounts too, and never replaced by older', () => {
  const queries = new QueryClient();
  queries.setQueryData(keys.risks, { items: [aSummary()], next_cursor: null });
  const rule = aRule({ status: 'critical', buffer: '500', buffer_percent: '10' });
  const trades = aRule({ rule_id: 'trades', kind: 'daily_trade_count', unit: 'trades' });
  const now = aRisk({
    status: 'critical',
    rules: [rule, trades],
    computed_at: '2026-11-20T12:00:05Z',
  });

  applyMessages(queries, [message('risk.account', now), message('risk.account', aRisk())]);

  expect(queries.getQueryData<AccountRisk>(keys.risk('account-1'))?.status).toBe('critical');
  const listed = queries.getQueryData<Page<RiskSummary>>(keys.risks)?.items[0];
  expect(listed?.account_name).toBe('FTMO-3');
  expect([listed?.status, listed?.weakest?.buffer, listed?.daily?.buffer]).toEqual([
    'critical',
    '500',
    '500',
  ]);
  expect(listed?.weakest?.unit).toBe('money');

  const paused = { ...trades, pause_ends_at: '2026-11-20T23:00:00Z' };
  const busy = aRisk({ ...now, rules: [rule, paused], weakest_rule_id: 'trades' });
  applyMessages(queries, [message('risk.account', busy)]);
  const counted = queries.getQueryData<Page<RiskSummary>>(keys.risks)?.items[0];
  expect(counted?.weakest).toMatchObject({ kind: 'daily_trade_count', unit: 'count' });
  expect([listed?.pause_ends_at, counted?.pause_ends_at]).toEqual([null, '2026-11-20T23:00:00Z']);
});

test('of two messages of a group the newer counts, and its members are patched', () => {
  const queries = new QueryClient();
  const list = { items: [aSummary()], next_cursor: null };
  queries.setQueryData(keys.risks, list, { updatedAt: 1_000 });
  const members = [aSummary({ status: 'stale', stale: true })];

  applyMessages(queries, [
    message('risk.group', aGroupRisk({ seq: 5, overall_status: 'stale', members })),
    message('risk.group', aGroupRisk({ seq: 4 })),
  ]);

  expect(queries.getQueryData<GroupRisk>(keys.groupRisk('group-1'))?.overall_status).toBe('stale');
  expect(queries.getQueryData<Page<RiskSummary>>(keys.risks)?.items[0]?.stale).toBe(true);
  // Of the accounts outside of the group nothing was told: they are as old as before.
  expect(queries.getQueryState(keys.risks)?.dataUpdatedAt).toBe(1_000);
});

test('what a message does not carry is read again', () => {
  const data = { id: 'e', account_id: 'account-1' };
  const outdated = applyMessages(new QueryClient(), [
    message('risk.violation', data),
    message('risk.reset', data),
  ]);
  expect(outdated).toContainEqual(keys.violations('account-1'));
  expect(outdated).toContainEqual(keys.riskDays('account-1'));
  expect(outdated).toContainEqual(keys.risks);
});

test('a group that is gone is forgotten', () => {
  const queries = new QueryClient();
  queries.setQueryData(keys.groupRisk('group-1'), aGroupRisk());
  applyMessages(queries, [message('group.deleted', { id: 'group-1' })]);
  expect(queries.getQueryData(keys.groupRisk('group-1'))).toBeUndefined();
});

test('what a guard does makes the place it is of be read again, and where copying is stopped', () => {
  const queries = new QueryClient();
  const trip = { id: 'trip-1', scope: 'group', scope_id: 'group-1', account_id: 'account-1' };
  for (const type of ['guard.tripped', 'guard.resumed'] as const) {
    const outdated = applyMessages(queries, [message(type, trip)]);
    expect(outdated).toContainEqual(keys.stop);
    expect(outdated).toContainEqual(keys.risks);
    expect(outdated).toContainEqual(keys.groupRisk('group-1'));
    expect(outdated).toContainEqual(keys.guardTrips('group-1'));
  }
});
