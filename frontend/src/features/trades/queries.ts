import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { client, unwrap } from '@/api/client';
import { keys } from '@/api/keys';
import type { TradeFilter } from '@/api/stream/apply';
import type { Page, Trade } from '@/api/types';

const PAGE = 100;
/** The most the API gives at once: what a chart shows. */
const MOST = 200;

/** The journal, page by page, newest first. */
export function tradePagesQuery(filter: TradeFilter) {
  return infiniteQueryOptions({
    queryKey: [...keys.trades, 'pages', filter],
    queryFn: ({ pageParam, signal }): Promise<Page<Trade>> =>
      unwrap(
        client.GET('/api/v1/trades', {
          params: {
            query: { ...given(filter), limit: PAGE, ...(pageParam && { cursor: pageParam }) },
          },
          signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
}

/** One trade with its executions. */
export function tradeQuery(id: string) {
  return queryOptions({
    queryKey: [...keys.trades, 'single', id],
    queryFn: ({ signal }): Promise<Trade> =>
      unwrap(
        client.GET('/api/v1/trades/{trade_id}', { params: { path: { trade_id: id } }, signal }),
      ),
  });
}

/** Open trades of one account, newest first. */
export function openTradesQuery(accountId: string) {
  return singlePageQuery({ account_id: accountId, status: 'open' });
}

/** The trades of all accounts that were opened last. */
export const recentTradesQuery = singlePageQuery({});

/** The newest closed trades of one account, the last one to close first. */
export function closedTradesQuery(accountId: string) {
  return singlePageQuery({ account_id: accountId, status: 'closed' });
}

function singlePageQuery(filter: TradeFilter) {
  const sort = filter.status === 'closed' ? ('-exit_at' as const) : ('-entry_at' as const);
  return queryOptions({
    queryKey: [...keys.trades, 'one', filter],
    queryFn: ({ signal }): Promise<Page<Trade>> =>
      unwrap(
        client.GET('/api/v1/trades', {
          params: { query: { ...given(filter), limit: MOST, sort } },
          signal,
        }),
      ),
  });
}

/** Without the parts that say nothing: the API refuses empty values. */
function given(filter: TradeFilter) {
  return Object.fromEntries(
    Object.entries(filter).filter(([, value]) => value !== undefined && value !== ''),
  ) satisfies TradeFilter as Given;
}

type Given = { [Name in keyof TradeFilter]?: Exclude<TradeFilter[Name], undefined> };

/** The trades that fit a filter as a file of values between commas. */
export async function exportTrades({ sort: _, ...filter }: TradeFilter): Promise<Blob> {
  return unwrap(
    client.GET('/api/v1/trades/export', { params: { query: given(filter) }, parseAs: 'blob' }),
  );
}

/** Symbols to choose from: of what the owner traded, the last first. */
export const symbolsQuery = queryOptions({
  queryKey: keys.tradeSymbols,
  queryFn: async ({ signal }): Promise<string[]> => {
    const { items } = await unwrap(client.GET('/api/v1/trades/symbols', { signal }));
    return items;
  },
});
