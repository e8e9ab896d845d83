import { queryOptions, useQuery } from '@tanstack/react-query';
import { client, unwrap } from '@/api/client';
import { keys } from '@/api/keys';
import type { Account, ExchangeKey, ExchangeKeys } from '@/api/types';

/** While BingX is being asked, nobody wants to wait for the next message. */
const SOON_MS = 2_000;
/** A key is looked at every minute. */
const CALM_MS = 60_000;

/** Every key of the user, and the addresses that they are bound to. */
export const exchangeKeysQuery = queryOptions({
  queryKey: keys.exchangeKeys,
  queryFn: ({ signal }): Promise<ExchangeKeys> =>
    unwrap(client.GET('/api/v1/exchange-keys', { signal })),
  refetchInterval: ({ state }) => (state.data?.items.some(isAsked) ? SOON_MS : CALM_MS),
});

/** Whether the exchange is being asked about a key. */
export function isAsked({ status, is_replacing }: ExchangeKey): boolean {
  return status === 'pending' || is_replacing;
}

/** The key of an account: null where there is none, undefined while it is not known. */
export function useExchangeKey({
  id,
  platform,
}: Pick<Account, 'id' | 'platform'>): ExchangeKey | null | undefined {
  // Never asked for where there can be none.
  const { data } = useQuery({ ...exchangeKeysQuery, enabled: platform === 'bingx' });
  if (!data) return undefined;
  return data.items.find(({ account_id }) => account_id === id) ?? null;
}

/** Those of these accounts that move no real money; undefined while that is not known. */
export function useDemos(
  accounts: readonly Pick<Account, 'id' | 'platform'>[],
): ReadonlySet<string> | undefined {
  const atExchange = accounts.filter(({ platform }) => platform === 'bingx');
  const { data, isError } = useQuery({ ...exchangeKeysQuery, enabled: atExchange.length > 0 });
  if (atExchange.length === 0) return new Set();
  // Of what nobody knows to be real nothing is told as if it were.
  if (isError && !data) return new Set(atExchange.map(({ id }) => id));
  return data && new Set(data.items.filter(isDemo).map(({ account_id }) => account_id));
}

function isDemo({ environment, simulated }: ExchangeKey): boolean {
  return environment === 'demo' || simulated;
}
