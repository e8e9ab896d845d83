import { QueryClient } from '@tanstack/react-query';
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
