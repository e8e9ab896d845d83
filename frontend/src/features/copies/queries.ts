import { queryOptions, useMutation, useQueries, useQueryClient } from '@tanstack/react-query';
import { client, done, unwrap } from '@/api/client';
import { keys } from '@/api/keys';
import type {
  Copy,
  CopyState,
  Follower,
  Page,
  PatchSubscription,
  Signal,
  Subscription,
} from '@/api/types';

const LIMIT = 100;

export function subscriptionsQuery(accountId: string) {
  return queryOptions({
    queryKey: keys.subscriptions(accountId),
    queryFn: ({ signal }): Promise<Page<Subscription>> =>
      unwrap(
        client.GET('/api/v1/accounts/{account_id}/subscriptions', {
          params: { path: { account_id: accountId }, query: { limit: LIMIT } },
          signal,
        }),
      ),
    select: (page) => page.items.filter((subscription) => subscription.state !== 'ended'),
  });
}

export function followersQuery(accountId: string) {
  return queryOptions({
    queryKey: keys.followers(accountId),
    queryFn: ({ signal }): Promise<Page<Follower>> =>
      unwrap(
        client.GET('/api/v1/accounts/{account_id}/followers', {
          params: { path: { account_id: accountId }, query: { limit: LIMIT } },
          signal,
        }),
      ),
  });
}

export function signalsQuery(accountId: string) {
  return queryOptions({
    queryKey: keys.signals(accountId),
    queryFn: ({ signal }): Promise<Page<Signal>> =>
      unwrap(
        client.GET('/api/v1/accounts/{account_id}/signals', {
          params: { path: { account_id: accountId }, query: { limit: 50 } },
          signal,
        }),
      ),
  });
}

export function copyQuery(copyId: string) {
  return queryOptions({
    queryKey: keys.copy(copyId),
    queryFn: ({ signal }) =>
      unwrap(
        client.GET('/api/v1/copies/{copy_id}', { params: { path: { copy_id: copyId } }, signal }),
      ),
  });
}

function copiesQuery(accountId: string, state: CopyState) {
  return queryOptions({
    queryKey: [...keys.copies(accountId), { state }],
    queryFn: ({ signal }): Promise<Page<Copy>> =>
      unwrap(
        client.GET('/api/v1/accounts/{account_id}/copies', {
          params: { path: { account_id: accountId }, query: { state, limit: LIMIT } },
          signal,
        }),
      ),
  });
}

/** Copies in any of these states, newest first. The API lists one state at a time. */
export function useCopies(accountId: string, states: readonly CopyState[]) {
  return useQueries({
    queries: states.map((state) => copiesQuery(accountId, state)),
    combine: (results) => ({
      isPending: results.some((result) => result.isPending),
      error: results.find((result) => result.error)?.error ?? null,
      refetch: () => results.forEach((result) => void result.refetch()),
      hasMore: results.some((result) => result.data?.next_cursor),
      copies: results
        .flatMap((result) => result.data?.items ?? [])
        .sort((a, b) => b.created_at.localeCompare(a.created_at)),
    }),
  });
}

export function useFollow(accountId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (master_token: string) =>
      unwrap(
        client.POST('/api/v1/accounts/{account_id}/subscriptions', {
          params: { path: { account_id: accountId } },
          body: { master_token },
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: keys.account(accountId) }),
  });
}

export function usePatchSubscription({ id, follower_account_id }: Subscription) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: PatchSubscription) =>
      unwrap(
        client.PATCH('/api/v1/accounts/{account_id}/subscriptions/{subscription_id}', {
          params: { path: { account_id: follower_account_id, subscription_id: id } },
          body,
        }),
      ),
    onSuccess: () =>
      queries.invalidateQueries({ queryKey: keys.subscriptions(follower_account_id) }),
  });
}

export function useUnfollow({ id, follower_account_id }: Subscription) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (open_copies: 'keep' | 'close') =>
      done(
        client.DELETE('/api/v1/accounts/{account_id}/subscriptions/{subscription_id}', {
          params: {
            path: { account_id: follower_account_id, subscription_id: id },
            query: { open_copies },
          },
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: keys.account(follower_account_id) }),
  });
}
