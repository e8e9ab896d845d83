import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { client, done, unwrap } from '@/api/client';
import { keys } from '@/api/keys';
import { eachTime, type Once, useOnce } from '@/api/once';
import type {
  Account,
  Contracts,
  CreateAccount,
  ExchangeKey,
  ExchangeKeys,
  Page,
  Positions,
  PutExchangeKey,
} from '@/api/types';
import { isVenue } from '@/lib/venues';
import { exchangeKeysQuery } from './known-keys';

/** Prices move all the time, and nothing tells of them but the next reading. */
const POSITIONS_MS = 5_000;

/** Those of these accounts that have no key. */
export function useUnconnected(accounts: Account[]): Account[] {
  const { data } = useQuery(exchangeKeysQuery);
  return accounts.filter(({ id }) => !data?.items.some(({ account_id }) => account_id === id));
}

/** All accounts that are not archived. */
export const venueAccountsQuery = queryOptions({
  queryKey: keys.accounts,
  queryFn: ({ signal }): Promise<Page<Account>> =>
    unwrap(client.GET('/api/v1/accounts', { params: { query: { limit: 200 } }, signal })),
  select: ({ items }: Page<Account>) => items.filter(isVenue),
});

function useKeyChange(accountId: string) {
  const queries = useQueryClient();
  return {
    keep: (key: ExchangeKey | null) => {
      queries.setQueryData<ExchangeKeys>(keys.exchangeKeys, (all) => {
        if (!all) return all;
        const others = all.items.filter(({ account_id }) => account_id !== accountId);
        return { ...all, items: key ? [...others, key] : others };
      });
      void queries.invalidateQueries({ queryKey: keys.account(accountId), exact: true });
      return queries.invalidateQueries({ queryKey: keys.accounts });
    },
    lookAgain: () => queries.invalidateQueries({ queryKey: keys.exchangeKeys }),
  };
}

/** Hands a key in; answers once it is proven, refused, or not answered in time. */
export function usePutKey(accountId: string) {
  const { keep, lookAgain } = useKeyChange(accountId);
  return useMutation({
    mutationFn: (body: PutExchangeKey) =>
      unwrap(
        client.PUT('/api/v1/accounts/{account_id}/exchange-key', {
          params: { path: { account_id: accountId } },
          body,
        }),
      ),
    onSuccess: keep,
    onError: lookAgain,
    // Nothing that was typed stays behind.
    gcTime: 0,
  });
}

export function useTestKey(accountId: string) {
  const { keep, lookAgain } = useKeyChange(accountId);
  return useMutation({
    mutationFn: () =>
      unwrap(
        client.POST('/api/v1/accounts/{account_id}/exchange-key/verify', {
          params: { path: { account_id: accountId } },
        }),
      ),
    onSuccess: keep,
    onError: lookAgain,
  });
}

export function useDisconnect(accountId: string) {
  const { keep } = useKeyChange(accountId);
  return useMutation({
    // Its owner has read that copies which are open stay open there.
    mutationFn: () =>
      done(
        client.DELETE('/api/v1/accounts/{account_id}/exchange-key', {
          params: { path: { account_id: accountId }, query: { open_copies: 'keep' } },
        }),
      ),
    onSuccess: () => keep(null),
  });
}

export function useSetLeverage(accountId: string) {
  const { keep } = useKeyChange(accountId);
  return useMutation({
    mutationFn: (leverage: number) =>
      unwrap(
        client.PATCH('/api/v1/accounts/{account_id}/exchange-key', {
          params: { path: { account_id: accountId } },
          body: { leverage },
        }),
      ),
    onSuccess: keep,
  });
}

/** Lets copies become orders, or not. */
export function useSetTrading(accountId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (trading_enabled: boolean) =>
      unwrap(
        client.PATCH('/api/v1/accounts/{account_id}', {
          params: { path: { account_id: accountId } },
          headers: eachTime(),
          body: { trading_enabled },
        }),
      ),
    onSuccess: (account) => {
      queries.setQueryData(keys.account(accountId), account);
      return queries.invalidateQueries({ queryKey: keys.accounts });
    },
  });
}

/** How much worse than the price there is a paper account is filled; null: as usual. */
export function useSetSlippage(accountId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (paper_slippage: string | null) =>
      unwrap(
        client.PATCH('/api/v1/accounts/{account_id}', {
          params: { path: { account_id: accountId } },
          headers: eachTime(),
          body: { paper_slippage },
        }),
      ),
    onSuccess: (account) => {
      queries.setQueryData(keys.account(accountId), account);
      return queries.invalidateQueries({ queryKey: keys.accounts });
    },
  });
}

export function useAddAccount() {
  const queries = useQueryClient();
  const write = useOnce(null, (headers: Once, body: CreateAccount) =>
    unwrap(client.POST('/api/v1/accounts', { body, headers })),
  );
  return useMutation({
    mutationFn: write,
    // It may be there although its answer was lost.
    onSettled: () => queries.invalidateQueries({ queryKey: keys.accounts }),
  });
}

/** How many copies of an account are not over. */
export function openCopiesQuery(accountId: string) {
  return queryOptions({
    queryKey: keys.unsettled(accountId),
    queryFn: async ({ signal }): Promise<number> => {
      const page = await unwrap(
        client.GET('/api/v1/accounts/{account_id}/copies', {
          params: {
            path: { account_id: accountId },
            query: {
              limit: 200,
              state: ['claimed', 'received', 'open', 'unconfirmed', 'closing', 'attention'],
            },
          },
          querySerializer: { array: { style: 'form', explode: false } },
          signal,
        }),
      );
      return page.items.length;
    },
    staleTime: 0,
  });
}

/** Contracts that a master's name of an instrument may mean. */
export function contractsQuery(accountId: string, instrument: string) {
  return queryOptions({
    queryKey: [...keys.contracts(accountId), instrument],
    queryFn: ({ signal }): Promise<Contracts> =>
      unwrap(
        client.GET('/api/v1/accounts/{account_id}/contracts', {
          params: { path: { account_id: accountId }, query: { for: instrument, limit: 1 } },
          signal,
        }),
      ),
  });
}

/** What is open in an account, ours and not ours. */
export function positionsQuery(accountId: string) {
  return queryOptions({
    queryKey: keys.positions(accountId),
    queryFn: ({ signal }): Promise<Positions> =>
      unwrap(
        client.GET('/api/v1/accounts/{account_id}/positions', {
          params: { path: { account_id: accountId } },
          signal,
        }),
      ),
    refetchInterval: POSITIONS_MS,
  });
}
