import { InfiniteQueryObserver, QueryClient } from '@tanstack/react-query';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { keys } from '../keys';
import { Rereads } from './rereads';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test('figures are read at once for the first trade, then every five seconds while more come', () => {
  const queries = new QueryClient();
  const read = vi.spyOn(queries, 'invalidateQueries').mockResolvedValue(undefined);
  const rereads = new Rereads(queries);
  const reads = (queryKey: readonly string[]) =>
    read.mock.calls.filter(([filters]) => filters?.queryKey === queryKey).length;

  rereads.want([keys.stats]);
  expect(reads(keys.stats)).toBe(1);
  for (let second = 1; second < 5; second += 1) {
    rereads.want([keys.stats, keys.trades]);
    vi.advanceTimersByTime(1_000);
  }
  expect([reads(keys.stats), reads(keys.trades)]).toEqual([1, 4]);
  vi.advanceTimersByTime(1_000);
  expect(reads(keys.stats)).toBe(2);

  vi.advanceTimersByTime(10_000);
  expect(reads(keys.stats)).toBe(2);
  rereads.want([keys.stats]);
  expect(reads(keys.stats)).toBe(3);
});

test('a list of many pages is read again as much more rarely, and not while it is read', async () => {
  const queries = new QueryClient();
  const rereads = new Rereads(queries);
  const queryKey = [...keys.trades, 'pages', { tag: 'gap' }];
  const asked: number[] = [];
  let isHeld = false;
  const observer = new InfiniteQueryObserver(queries, {
    queryKey,
    queryFn: async ({ pageParam }) => {
      asked.push(pageParam);
      if (isHeld) await new Promise((answer) => setTimeout(answer, 5_000));
      return { items: [] };
    },
    initialPageParam: 0,
    getNextPageParam: (_page, _pages, place) => place + 1,
  });
  const stop = observer.subscribe(() => undefined);
  await vi.advanceTimersByTimeAsync(10);
  for (let page = 1; page < 10; page += 1) {
    void observer.fetchNextPage();
    await vi.advanceTimersByTimeAsync(10);
  }
  expect(asked).toHaveLength(10);

  for (let second = 0; second < 20; second += 1) {
    rereads.want([queryKey, keys.trades]);
    await vi.advanceTimersByTimeAsync(1_000);
  }
  expect(asked).toHaveLength(10 + 3 * 10);

  await vi.advanceTimersByTimeAsync(20_000);
  asked.length = 0;
  isHeld = true;
  void observer.fetchNextPage();
  rereads.want([queryKey]);
  await vi.advanceTimersByTimeAsync(4_000);
  expect(asked).toEqual([10]);
  isHeld = false;
  await vi.advanceTimersByTimeAsync(20_000);
  expect(asked).toHaveLength(1 + 11);
  stop();
});
