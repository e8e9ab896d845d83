import { QueryCache, QueryClient } from '@tanstack/react-query';
import { ApiError } from '@/api/problem';

const FRESH_MS = 30_000;
const RETRIES = 2;

/** The cache of server answers. The stream keeps it fresh, so it is rarely read again by age. */
export function createQueries(): QueryClient {
  return new QueryClient({
    queryCache: new QueryCache({
      // What was read stays while reading it again fails, unless it is there no more.
      onError: (error, query) => {
        if (error instanceof ApiError && error.status === 404) query.setState({ data: undefined });
      },
    }),
    defaultOptions: {
      queries: {
        staleTime: FRESH_MS,
        retry: (failures, error) =>
          failures < RETRIES && error instanceof ApiError && error.isPassing,
        refetchOnWindowFocus: false,
        // Without a network a page says so, and reads again once there is one.
        networkMode: 'always',
        refetchOnReconnect: true,
      },
      // Nothing pressed waits for a network: it would go out later, when nobody means it any more.
      mutations: { retry: false, networkMode: 'always' },
    },
  });
}
