import { QueryClient } from '@tanstack/react-query';
import { expect, test } from 'vitest';
import { aCopy, aGroup, anAccount, aTrade } from '@/test/build';
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

function pages<Row>(...pages: Page<Row>[]) {
  return { pages, pageParams: pages.map(() => '') };
}

function idsByPage(queries: QueryClient, key: readonly unknown[]): string[][] | undefined {
  return queries
    .getQueryData<{ pages: Page<Copy>[] }>(key)
    ?.pages.map(({ items }) => items.map(({ id }) => id));
}

test('a copy moves from the list of its old state to that of the new one', () => {
  const queries = new QueryClient();
  const open = [...keys.copies('account-2'), { states: ['open', 'closing'] }];
  const closed = [...keys.copies('account-2'), { states: ['closed'] }];
  const euros = [...keys.copies('account-2'), { states: ['closed'], symbol: 'EURUSD' }];
  queries.setQueryData(open, pages(page(aCopy({ id: 'other' })), page(aCopy())));
  queries.setQueryData(closed, pages(page<Copy>(), page(aCopy({ id: 'older' }))));
  queries.setQueryData(euros, pages(page<Copy>()));

  applyMessages(queries, [
    message({ type: 'copy.updated', data: aCopy({ state: 'closed', pnl: '44' }) }),
  ]);

  expect(idsByPage(queries, open)).toEqual([['other'], []]);
  expect(idsByPage(queries, closed)).toEqual([['copy-1'], ['older']]);
  expect(idsByPage(queries, euros)).toEqual([[]]);
});

test('a changed copy stays on its page', () => {
  const queries = new QueryClient();
  const all = [...keys.copies('account-2'), {}];
  queries.setQueryData(all, pages(page(aCopy({ id: 'newer' })), page(aCopy())));

  applyMessages(queries, [message({ type: 'copy.updated', data: aCopy({ state: 'closing' }) })]);

  expect(idsByPage(queries, all)).toEqual([['newer'], ['copy-1']]);
});

test('a list for one reason takes only what has that reason', () => {
  const queries = new QueryClient();
  const offline = [...keys.copies('account-2'), { states: ['skipped'], reason: 'offline' }];
  queries.setQueryData(offline, pages(page<Copy>()));
  const skipped = (id: string, code: 'offline' | 'stale') =>
    message({
      type: 'copy.updated',
      data: aCopy({ id, state: 'skipped', reason: { code, text: null } }),
    });

  applyMessages(queries, [skipped('a', 'stale'), skipped('b', 'offline')]);

  expect(idsByPage(queries, offline)).toEqual([['b']]);
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

test('a trade takes its place among the newest, and an old one that is told again none', () => {
  const queries = new QueryClient();
  const recent = [...keys.trades, 'one', {}];
  const closed = [...keys.trades, 'one', { status: 'closed' }];
  const entered = (id: string, entry_at: string) => aTrade({ id, entry_at });
  const left = (id: string, exit_at: string) =>
    aTrade({ id, entry_at: '2026-11-01T00:00:00Z', exit_at, status: 'closed' });
  const rows = [entered('c', '2026-11-20T12:00:00Z'), entered('b', '2026-11-18T12:00:00Z')];
  queries.setQueryData<Page<Trade>>(recent, { items: rows, next_cursor: 'more' });
  const whole = page(left('z', '2026-11-20T12:00:00Z'), left('y', '2026-11-18T12:00:00Z'));
  queries.setQueryData<Page<Trade>>(closed, whole);
  const tell = (...trades: Trade[]) =>
    applyMessages(
      queries,
      trades.map((data) => message({ type: 'trade.updated', data })),
    );

  tell(entered('old', '2025-01-02T12:00:00Z'), entered('d', '2026-11-19T12:00:00.5Z'));
  expect(ids(queries, recent)).toEqual(['c', 'd', 'b']);
  tell(left('old', '2025-01-02T12:00:00Z'), left('x', '2026-11-19T12:00:00Z'));
  expect(ids(queries, closed)).toEqual(['z', 'x', 'y', 'old']);
  tell(left('y', '2026-11-21T12:00:00Z'), entered('b', '2026-11-18T12:00:00Z'));
  expect(ids(queries, closed)).toEqual(['y', 'z', 'x', 'old']);
  expect(ids(queries, recent)).toEqual(['c', 'd', 'b']);
});

test('a paged list by what no trade tells is read again, also for a row that it has', () => {
  const queries = new QueryClient();
  const plain = [...keys.trades, 'pages', { status: 'open' }];
  const tagged = [...keys.trades, 'pages', { tag: 'gap' }];
  const best = [...keys.trades, 'pages', { sort: '-pnl' }];
  for (const key of [plain, tagged, best]) queries.setQueryData(key, pages(page(aTrade())));

  const told = (data: Trade) => applyMessages(queries, [message({ type: 'trade.updated', data })]);
  const again = told(aTrade({ notes: 'told again', stop_loss: '1' }));
  const changed = told(aTrade({ pnl: '12', tags: ['gap'] }));

  for (const key of [plain, tagged, best]) expect(again).not.toContainEqual(key);
  expect(changed).toContainEqual(tagged);
  expect(changed).toContainEqual(best);
  expect(changed).not.toContainEqual(plain);
});

test('symbols to choose from are read again when one is new', () => {
  const queries = new QueryClient();
  const told = () =>
    applyMessages(queries, [message({ type: 'trade.updated', data: aTrade({ symbol: 'SPY' }) })]);

  expect(told()).not.toContainEqual(keys.tradeSymbols);
  queries.setQueryData(keys.tradeSymbols, ['XAUUSD']);
  expect(told()).toContainEqual(keys.tradeSymbols);
  queries.setQueryData(keys.tradeSymbols, ['SPY', 'XAUUSD']);
  expect(told()).not.toContainEqual(keys.tradeSymbols);
});

test('a trade takes its place in a list of many pages, which is not read again for it', () => {
  const queries = new QueryClient();
  const entered = (id: string, hour: number, changes: Partial<Trade> = {}) =>
    aTrade({ id, entry_at: new Date(Date.UTC(2026, 10, 20, hour)).toISOString(), ...changes });
  const here: Page<Trade>[] = [
    { items: [entered('t9', 9), entered('t7', 7)], next_cursor: 'after-7' },
    { items: [entered('t5', 5), entered('t3', 3)], next_cursor: 'after-3' },
  ];
  const all = [...keys.trades, 'pages', {}];
  const tagged = [...keys.trades, 'pages', { tag: 'gap' }];
  const other = [...keys.trades, 'pages', { account_id: 'account-9', sort: '-pnl' }];
  const oldest = [...keys.trades, 'pages', { sort: 'entry_at', from: '2026-11-20T05:00:00Z' }];
  for (const key of [all, tagged, other]) queries.setQueryData(key, pages(...here));
  queries.setQueryData(oldest, pages(page(entered('t5', 5), entered('t7', 7))));
  queries.setQueryData([...keys.trades, 'single', 't9'], entered('t9', 9));
  const told = (...trades: Trade[]) =>
    applyMessages(
      queries,
      trades.map((data) => message({ type: 'trade.updated', data })),
    );

  const older = told(entered('t1', 1));
  for (const key of [all, tagged, other, oldest]) expect(older).not.toContainEqual(key);
  const outdated = told(entered('t6', 6), entered('t10', 10), entered('t6', 6, { pnl: '5' }));

  expect(outdated).not.toContainEqual(all);
  expect(outdated).not.toContainEqual(other);
  expect(outdated).not.toContainEqual([...keys.trades, 'single', 't9']);
  expect(outdated).toContainEqual(tagged);
  expect(idsByPage(queries, all)).toEqual([
    ['t10', 't9', 't7'],
    ['t6', 't5', 't3'],
  ]);
  expect(idsByPage(queries, oldest)).toEqual([['t5', 't6', 't7', 't10']]);

  expect(told(entered('t9', 4))).not.toContainEqual(all);
  expect(idsByPage(queries, all)).toEqual([
    ['t10', 't7'],
    ['t6', 't5', 't9', 't3'],
  ]);
  expect(told(entered('t3', 2))).toContainEqual(all);
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

test('positions that no copy owns are read again when their account is told of', () => {
  const queries = new QueryClient();
  const key = keys.orphans('account-2');
  queries.setQueryData(key, pages(page()));

  const told = anAccount({ id: 'account-2', copy_role: 'follower' });
  const outdated = applyMessages(queries, [message({ type: 'account.updated', data: told })]);

  expect(outdated).toContainEqual(key);
});

test('a price values the open positions it names and leaves the others', async () => {
  const queries = new QueryClient();
  const openList = [...keys.copies('account-2'), { states: ['open'] }];
  const trades = [...keys.trades, 'one', { account_id: 'account-2', status: 'open' }];
  queries.setQueryData(openList, {
    pages: [page(aCopy(), aCopy({ id: 'other' }))],
    pageParams: [''],
  });
  const journal = [...keys.trades, 'pages', {}];
  const drawer = [...keys.trades, 'single', 'trade-1'];
  const calm = [...keys.trades, 'pages', { symbol: 'EURUSD' }];
  queries.setQueryData<Page<Trade>>(trades, page(aTrade()));
  queries.setQueryData(journal, pages(page(aTrade({ id: 'other' })), page(aTrade())));
  queries.setQueryData(calm, pages(page(aTrade({ id: 'other' }))));
  queries.setQueryData<Trade>(drawer, aTrade());
  const before = queries.getQueryData(calm);
  const outdated = [...keys.trades, 'pages', { tag: 'news' }];
  queries.setQueryData(outdated, pages(page(aTrade())));
  await queries.invalidateQueries({ queryKey: outdated });
  const position = {
    trade_id: 'trade-1',
    copy_id: 'copy-1',
    floating_pnl: '12.5',
    floating_pnl_estimated: true,
    floating_pnl_unknown: null,
  };

  applyMessages(queries, [
    message({ type: 'price', data: { account_id: 'account-2', positions: [position] } }),
  ]);

  const shown = (rows: Page<Copy | Trade> | undefined) =>
    rows?.items.map(({ floating_pnl, floating_pnl_unknown }) => [
      floating_pnl,
      floating_pnl_unknown,
    ]);
  expect(shown(queries.getQueryData<{ pages: Page<Copy>[] }>(openList)?.pages[0])).toEqual([
    ['12.5', null],
    [null, 'no_price'],
  ]);
  expect(shown(queries.getQueryData<Page<Trade>>(trades))).toEqual([['12.5', null]]);
  const listed = queries.getQueryData<{ pages: Page<Trade>[] }>(journal)?.pages;
  expect(listed?.map(shown)).toEqual([[[null, 'no_price']], [['12.5', null]]]);
  expect(queries.getQueryData<Trade>(drawer)?.floating_pnl).toBe('12.5');
  expect(queries.getQueryData(calm), 'not drawn again').toBe(before);
  expect(queries.getQueryState(outdated)?.isInvalidated, 'still to be read').toBe(true);
});

test('groups come, change and go where they are listed', () => {
  const queries = new QueryClient();
  queries.setQueryData(keys.groups, page(aGroup()));

  applyMessages(queries, [
    message({ type: 'group.updated', data: aGroup([], { id: 'group-2', name: 'New' }) }),
    message({ type: 'group.updated', data: aGroup([anAccount()]) }),
  ]);
  const listed = queries.getQueryData<Page<ReturnType<typeof aGroup>>>(keys.groups)?.items;
  expect(listed?.map(({ id, account_ids }) => [id, account_ids])).toEqual([
    ['group-1', ['account-1']],
    ['group-2', []],
  ]);

  applyMessages(queries, [message({ type: 'group.deleted', data: { id: 'group-1' } })]);
  expect(ids(queries, keys.groups)).toEqual(['group-2']);
});

test('figures are read again when a trade comes, ends or is gone, not when it is told again', () => {
  const queries = new QueryClient();
  const outdated = (event: Event) => applyMessages(queries, [message(event)]);
  const opened: Event = { type: 'trade.updated', data: aTrade() };

  expect(outdated(opened)).toContainEqual(keys.stats);
  expect(outdated(opened)).not.toContainEqual(keys.stats);
  expect(outdated({ type: 'trade.updated', data: aTrade({ status: 'closed' }) })).toContainEqual(
    keys.stats,
  );
  expect(outdated(opened)).toContainEqual(keys.stats);
  expect(outdated({ type: 'trades.changed', data: { account_id: 'account-1' } })).toEqual([
    keys.trades,
    keys.stats,
  ]);
});

test('a list that has to be read again still has to be once one of its rows is patched', async () => {
  const queries = new QueryClient();
  const byResult = [...keys.trades, 'pages', { sort: '-pnl' }];
  queries.setQueryData(byResult, pages(page(aTrade())));
  await queries.invalidateQueries({ queryKey: byResult });

  applyMessages(queries, [
    message({ type: 'trade.updated', data: aTrade({ notes: 'Long story' }) }),
  ]);

  expect(queries.getQueryData<{ pages: Page<Trade>[] }>(byResult)?.pages[0]?.items).toMatchObject([
    { notes: 'Long story' },
  ]);
  expect(queries.getQueryState(byResult)?.isInvalidated).toBe(true);
});
