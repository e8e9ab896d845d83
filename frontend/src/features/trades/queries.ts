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
  const { account_id, status, source, symbol, from, to, sort } = filter;
  return {
    ...(account_id && { account_id }),
    ...(status && { status }),
    ...(source && { source }),
    ...(symbol && { symbol }),
    ...(from && { from }),
    ...(to && { to }),
    ...(sort && { sort }),
  };
}
