import { QueryClient } from '@tanstack/react-query';
import { expect, test } from 'vitest';
import { aCopy, anAccount, aTrade } from '@/test/build';
import { keys } from '../keys';
import type { Copy, Page, Trade } from '../types';
import { applyMessages } from './apply';
import type { StreamMessage } from './messages';

interface Event {
  type: StreamMessage['type'];
  data: unknown;
}

function message(event: Event): StreamMessage {
  return { topic: '*', seq: 1, at: '2026-11-20T12:00:00Z', ...event } as StreamMessage;
}

function page<Row>(...items: Row[]): Page<Row> {
  return { items, next_cursor: null };
}

function ids(queries: QueryClient, key: readonly unknown[]): string[] | undefined {
  return queries.getQueryData<Page<{ id: string }>>(key)?.items.map(({ id }) => id);
}

test('a copy moves from the list of its old state to that of the new one', () => {
  const queries = new QueryClient();
  const openList = [...keys.copies('account-2'), { state: 'open' }];
  const closedList = [...keys.copies('account-2'), { state: 'closed' }];
  queries.setQueryData<Page<Copy>>(openList, page(aCopy()));
  queries.setQueryData<Page<Copy>>(closedList, page());

  applyMessages(queries, [
    message({ type: 'copy.updated', data: aCopy({ state: 'closed', pnl: '44' }) }),
  ]);

  expect(ids(queries, openList)).toEqual([]);
  expect(ids(queries, closedList)).toEqual(['copy-1']);
});

test('a trade enters the lists whose filter it fits, once', () => {
  const queries = new QueryClient();
  const mine = [...keys.trades, 'one', { account_id: 'account-1', status: 'open' }];
  const other = [...keys.trades, 'one', { account_id: 'account-9', status: 'open' }];
  queries.setQueryData<Page<Trade>>(mine, page());
  queries.setQueryData<Page<Trade>>(other, page());

  const update = message({ type: 'trade.updated', data: aTrade() });
  applyMessages(queries, [update, update]);

  expect(ids(queries, mine)).toEqual(['trade-1']);
  expect(ids(queries, other)).toEqual([]);
});

test('lists of several pages are read again instead', () => {
  const queries = new QueryClient();
  const key = [...keys.trades, 'pages', {}];
  queries.setQueryData(key, { pages: [page()], pageParams: [''] });

  expect(
    applyMessages(queries, [message({ type: 'trade.updated', data: aTrade() })]),
  ).toContainEqual(key);
});

test('presence changes only what it names', () => {
  const queries = new QueryClient();
  queries.setQueryData(keys.accounts, page(anAccount(), anAccount({ id: 'b' })));
  const data = { account_id: 'b', online: true, last_seen_at: '2026-11-20T12:00:01Z' };

  applyMessages(queries, [message({ type: 'account.presence', data })]);

  const accounts = queries.getQueryData<Page<ReturnType<typeof anAccount>>>(keys.accounts)?.items;
  expect(accounts?.map(({ online, balance }) => [online, balance])).toEqual([
    [false, '10000'],
    [true, '10000'],
  ]);
});
