import { QueryClient } from '@tanstack/react-query';
import { ApiError } from '@/api/problem';

const FRESH_MS = 30_000;
const RETRIES = 2;

/** The cache of server answers. The stream keeps it fresh, so it is rarely read again by age. */
export function createQueries(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: FRESH_MS,
        retry: (failures, error) =>
          failures < RETRIES && error instanceof ApiError && error.isPassing,
        refetchOnWindowFocus: false,
      },
      mutations: { retry: false },
    },
  });
}
