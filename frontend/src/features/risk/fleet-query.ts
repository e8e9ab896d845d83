import { queryOptions } from '@tanstack/react-query';
import { client, unwrap } from '@/api/client';
import { keys } from '@/api/keys';
import type { Page, RiskSummary } from '@/api/types';

const READ_AGAIN_MS = 30_000;
/** Shorter than messages are apart: each of them starts the wait anew. */
const LEAST_MS = 50;

/**
 * Every account in short. Read again so long after it was read, however often messages tell of
 * some of its accounts meanwhile: of the others nothing tells.
 */
export const fleetQuery = queryOptions({
  queryKey: keys.risks,
  queryFn: ({ signal }): Promise<Page<RiskSummary>> =>
    unwrap(client.GET('/api/v1/risk', { signal })),
  refetchInterval: ({ state: { dataUpdatedAt, errorUpdatedAt, fetchStatus } }) => {
    if (fetchStatus !== 'idle') return READ_AGAIN_MS;
    const lastAsked = Math.max(dataUpdatedAt, errorUpdatedAt);
    return Math.max(LEAST_MS, lastAsked + READ_AGAIN_MS - Date.now());
  },
  refetchOnWindowFocus: true,
});
