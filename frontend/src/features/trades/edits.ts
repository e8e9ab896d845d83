import { type QueryClient, useMutation, useQueryClient } from '@tanstack/react-query';
import { client, done, unwrap } from '@/api/client';
import { keys } from '@/api/keys';
import { type Once, useOnce } from '@/api/once';
import type { BulkAnswer, CreateTrade, PatchTrade } from '@/api/types';

/** Whatever shows trades or what they add up to is read again. */
function readAgain(queries: QueryClient): Promise<unknown> {
  return Promise.all([
    queries.invalidateQueries({ queryKey: keys.trades }),
    queries.invalidateQueries({ queryKey: keys.tradeSymbols }),
    queries.invalidateQueries({ queryKey: keys.stats }),
  ]);
}

export function useCreateTrade() {
  const queries = useQueryClient();
  const write = useOnce(null, (headers: Once, body: CreateTrade) =>
    unwrap(client.POST('/api/v1/trades', { body, headers })),
  );
  return useMutation({
    mutationFn: write,
    onSuccess: () => readAgain(queries),
  });
}

export function usePatchTrade(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: PatchTrade) =>
      unwrap(
        client.PATCH('/api/v1/trades/{trade_id}', { params: { path: { trade_id: id } }, body }),
      ),
    onSuccess: () => readAgain(queries),
  });
}

export function useDeleteTrade(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () =>
      done(client.DELETE('/api/v1/trades/{trade_id}', { params: { path: { trade_id: id } } })),
    onSuccess: () => {
      queries.removeQueries({ queryKey: [...keys.trades, 'single', id] });
      return readAgain(queries);
    },
  });
}

/** Trades that the API takes in one request. */
const MOST_AT_ONCE = 500;

/** One piece after the other, and what became of all of them. */
async function inPieces(
  ids: string[],
  write: (ids: string[]) => Promise<BulkAnswer>,
): Promise<BulkAnswer> {
  const all = { changed: 0, skipped: 0 };
  for (let start = 0; start < ids.length; start += MOST_AT_ONCE) {
    const { changed, skipped } = await write(ids.slice(start, start + MOST_AT_ONCE));
    all.changed += changed;
    all.skipped += skipped;
  }
  return all;
}

export function useTagTrades() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ ids, ...tags }: { ids: string[]; add: string[]; remove: string[] }) =>
      inPieces(ids, (piece) =>
        unwrap(client.POST('/api/v1/trades/tag', { body: { ids: piece, ...tags } })),
      ),
    // A piece that fails leaves those before it written.
    onSettled: () => readAgain(queries),
  });
}

export function useDeleteTrades() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (ids: string[]) =>
      inPieces(ids, (piece) =>
        unwrap(client.POST('/api/v1/trades/delete', { body: { ids: piece } })),
      ),
    onSettled: () => readAgain(queries),
  });
}
