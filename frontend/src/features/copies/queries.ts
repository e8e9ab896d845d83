import {
  infiniteQueryOptions,
  queryOptions,
  useInfiniteQuery,
  useMutation,
  useQueryClient,
} from '@tanstack/react-query';
import { client, done, unwrap } from '@/api/client';
import { keys } from '@/api/keys';
import { eachTime, type Once, useOnce } from '@/api/once';
import type { CopyFilter } from '@/api/stream/apply';
import type {
  Copy,
  DryRun,
  Follower,
  Orphan,
  Page,
  PatchSubscription,
  ResolutionAction,
  Signal,
  Subscription,
  SubscriptionPreview,
} from '@/api/types';
import { settingsOf, type TypedSizing } from '@/lib/offered-sizing';
import { COPY_GROUPS, type CopyGroup } from './states';

const LIMIT = 100;
const PAGE = 50;
/** Signals stand above other things on their page. */
const FEW = 15;

/** Every subscription of a follower, also those that ended. */
export function subscriptionsOfQuery(accountId: string) {
  return queryOptions({
    queryKey: keys.subscriptions(accountId),
    queryFn: ({ signal }): Promise<Page<Subscription>> =>
      unwrap(
        client.GET('/api/v1/accounts/{account_id}/subscriptions', {
          params: { path: { account_id: accountId }, query: { limit: LIMIT } },
          signal,
        }),
      ),
  });
}

/** Whom a follower follows. */
export function subscriptionsQuery(accountId: string) {
  return {
    ...subscriptionsOfQuery(accountId),
    select: (page: Page<Subscription>) => page.items.filter(({ state }) => state !== 'ended'),
  };
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
    // Those of other owners change without a message.
    refetchInterval: 15_000,
  });
}

/** What a master's EA reported, page by page, newest first. */
export function signalPagesQuery(accountId: string) {
  return infiniteQueryOptions({
    queryKey: keys.signals(accountId),
    queryFn: ({ pageParam, signal }): Promise<Page<Signal>> =>
      unwrap(
        client.GET('/api/v1/accounts/{account_id}/signals', {
          params: {
            path: { account_id: accountId },
            query: { limit: FEW, ...(pageParam && { cursor: pageParam }) },
          },
          signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor ?? undefined,
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

/** Copies of an account, page by page, newest first. */
export function copyPagesQuery(accountId: string, { states, reason, symbol }: CopyFilter) {
  return infiniteQueryOptions({
    queryKey: [...keys.copies(accountId), given({ states, reason, symbol })],
    queryFn: ({ pageParam, signal }): Promise<Page<Copy>> =>
      unwrap(
        client.GET('/api/v1/accounts/{account_id}/copies', {
          params: {
            path: { account_id: accountId },
            query: {
              limit: PAGE,
              ...given({ reason, symbol, state: states && [...states] }),
              ...(pageParam && { cursor: pageParam }),
            },
          },
          querySerializer: { array: { style: 'form', explode: false } },
          signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
}

/** How many copies of a group there are: `50+` while there are more than one page. Null: not read yet; undefined: it cannot be read. */
export function useCopyCount(accountId: string, group: CopyGroup): string | null | undefined {
  const list = useInfiniteQuery(copyPagesQuery(accountId, { states: COPY_GROUPS[group] }));
  if (!list.data) return list.isError ? undefined : null;
  const count = list.data.pages.reduce((sum, page) => sum + page.items.length, 0);
  return list.hasNextPage ? `${count}+` : String(count);
}

/** Without what says nothing: the API refuses empty values, and two names for one list are two lists. */
function given<Query extends Record<string, unknown>>(query: Query) {
  return Object.fromEntries(
    Object.entries(query).filter(([, value]) => value !== undefined && value !== ''),
  ) as { [Name in keyof Query]?: Exclude<Query[Name], undefined> };
}

/** A master by its token, or by its address in the directory. */
export type NamedMaster = { master_token: string } | { master_slug: string };

/** What following a master would mean; nothing is stored. */
export function previewQuery(accountId: string, master: NamedMaster) {
  return queryOptions({
    queryKey: [...keys.preview(accountId), master],
    queryFn: ({ signal }): Promise<SubscriptionPreview> =>
      unwrap(
        client.POST('/api/v1/accounts/{account_id}/subscriptions/preview', {
          params: { path: { account_id: accountId } },
          body: master,
          signal,
        }),
      ),
    // Whether it may follow is told when it does.
    retry: false,
  });
}

interface NewFollow {
  master_token: string;
  sizing: TypedSizing | null;
}

export function useFollow(accountId: string) {
  const queries = useQueryClient();
  const write = useOnce(accountId, (headers: Once, { master_token, sizing }: NewFollow) =>
    unwrap(
      client.POST('/api/v1/accounts/{account_id}/subscriptions', {
        params: { path: { account_id: accountId } },
        headers,
        body: { master_token, ...settingsOf(sizing) },
      }),
    ),
  );
  return useMutation({
    mutationFn: write,
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
          headers: eachTime(),
        }),
      ),
    // It may have ended although the answer was lost.
    onSettled: () => queries.invalidateQueries({ queryKey: keys.account(follower_account_id) }),
  });
}

/** Positions of a follower's terminal that no copy owns. */
export function orphanPagesQuery(accountId: string) {
  return infiniteQueryOptions({
    queryKey: keys.orphans(accountId),
    queryFn: ({ pageParam, signal }): Promise<Page<Orphan>> =>
      unwrap(
        client.GET('/api/v1/accounts/{account_id}/orphans', {
          params: {
            path: { account_id: accountId },
            query: { limit: PAGE, ...(pageParam && { cursor: pageParam }) },
          },
          signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
}

interface Resolution {
  action: ResolutionAction;
  ticket: string | null;
}

/** Decides about a copy in doubt; the worker carries it out and the stream tells how it went. */
export function useResolveCopy({ id, follower_account_id }: Copy) {
  const queries = useQueryClient();
  return useMutation({
    // The same decision is another one where the copy came into doubt again.
    mutationFn: ({ action, ticket }: Resolution) =>
      unwrap(
        client.POST('/api/v1/copies/{copy_id}/resolve', {
          params: { path: { copy_id: id } },
          headers: eachTime(),
          body: { action, ...(ticket !== null && { ticket }) },
        }),
      ),
    onSettled: () =>
      Promise.all([
        queries.invalidateQueries({ queryKey: keys.copy(id) }),
        queries.invalidateQueries({ queryKey: keys.orphans(follower_account_id) }),
      ]),
  });
}

/** Lets a follower that waits copy from now on. */
export function useApproveFollower(accountId: string) {
  const change = useFollowerChange(accountId);
  return useMutation({
    mutationFn: (subscription_id: string) =>
      done(
        client.POST('/api/v1/accounts/{account_id}/followers/{subscription_id}/approve', {
          params: { path: { account_id: accountId, subscription_id } },
          headers: eachTime(),
        }),
      ),
    onSuccess: (_, id) =>
      change((items) =>
        items.map((item) => (item.subscription_id === id ? { ...item, state: 'active' } : item)),
      ),
  });
}

/** Ends a subscription from the master's side. */
export function useRemoveFollower(accountId: string) {
  const change = useFollowerChange(accountId);
  return useMutation({
    mutationFn: (subscription_id: string) =>
      done(
        client.POST('/api/v1/accounts/{account_id}/followers/{subscription_id}/remove', {
          params: { path: { account_id: accountId, subscription_id } },
          headers: eachTime(),
        }),
      ),
    onSuccess: (_, id) => change((items) => items.filter((item) => item.subscription_id !== id)),
  });
}

/** The server has noted a change and carries it out soon; the list shows it at once. */
function useFollowerChange(accountId: string) {
  const queries = useQueryClient();
  return (change: (items: Follower[]) => Follower[]) => {
    queries.setQueryData<Page<Follower>>(
      keys.followers(accountId),
      (page) => page && { ...page, items: change(page.items) },
    );
  };
}

/** Asks what each follower would do with an order; nothing is stored or sent. */
export function useDryRun(accountId: string) {
  return useMutation({
    mutationFn: (body: DryRun) =>
      unwrap(
        client.POST('/api/v1/accounts/{account_id}/dry-run', {
          params: { path: { account_id: accountId } },
          body,
        }),
      ),
  });
}
