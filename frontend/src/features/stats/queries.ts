import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { client, unwrap } from '@/api/client';
import { keys } from '@/api/keys';
import type { Stats, StatsComparison } from '@/api/types';

/** What statistics are about. */
export interface StatsFilter {
  /** None: all that are not archived. */
  account_id?: string[];
  group_id?: string;
  tag?: string;
  symbol?: string;
  from?: string;
  to?: string;
  /** What all money is told in; none: as the accounts have it. */
  currency?: string;
  /** With a sample of the trades. */
  scatter?: boolean;
}

export function statsQuery(filter: StatsFilter) {
  return queryOptions({
    queryKey: [...keys.stats, 'of', filter],
    queryFn: ({ signal }): Promise<Stats> =>
      unwrap(client.GET('/api/v1/stats', { params: { query: filter }, signal })),
    // What was shown stays until the next is there, rather than an empty page.
    placeholderData: keepPreviousData,
  });
}

/** Accounts side by side, at most ten. */
export function comparisonQuery(accountIds: string[]) {
  return queryOptions({
    queryKey: [...keys.stats, 'side-by-side', accountIds],
    queryFn: ({ signal }): Promise<StatsComparison> =>
      unwrap(
        client.GET('/api/v1/stats/compare', {
          params: { query: { account_id: accountIds } },
          signal,
        }),
      ),
    enabled: accountIds.length > 0,
    placeholderData: keepPreviousData,
  });
}
