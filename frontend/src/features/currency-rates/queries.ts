import {
  infiniteQueryOptions,
  type QueryClient,
  useMutation,
  useQueryClient,
} from '@tanstack/react-query';
import { client, done, unwrap } from '@/api/client';
import { keys } from '@/api/keys';
import type { CurrencyRate, Page } from '@/api/types';

const PAGE = 50;

/** What names a rate. */
export type RatePlace = Pick<CurrencyRate, 'currency' | 'base_currency' | 'day'>;

/** Rates of days, the latest day first. */
export const currencyRatesQuery = infiniteQueryOptions({
  queryKey: keys.currencyRates,
  queryFn: ({ pageParam, signal }): Promise<Page<CurrencyRate>> =>
    unwrap(
      client.GET('/api/v1/rates', {
        params: { query: { limit: PAGE, ...(pageParam && { cursor: pageParam }) } },
        signal,
      }),
    ),
  initialPageParam: '',
  getNextPageParam: (page) => page.next_cursor ?? undefined,
});

/** Takes the place of what was said of the same pair and day. */
export function usePutCurrencyRate() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ rate, ...path }: RatePlace & { rate: string }) =>
      unwrap(
        client.PUT('/api/v1/rates/{currency}/{base_currency}/{day}', {
          params: { path },
          body: { rate },
        }),
      ),
    onSuccess: () => readAgain(queries),
  });
}

export function useDeleteCurrencyRate() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ currency, base_currency, day }: RatePlace) =>
      done(
        client.DELETE('/api/v1/rates/{currency}/{base_currency}/{day}', {
          params: { path: { currency, base_currency, day } },
        }),
      ),
    onSuccess: () => readAgain(queries),
  });
}

/** Statistics are told by these rates. */
async function readAgain(queries: QueryClient): Promise<void> {
  await Promise.all([
    queries.invalidateQueries({ queryKey: keys.currencyRates }),
    queries.invalidateQueries({ queryKey: keys.stats }),
  ]);
}
