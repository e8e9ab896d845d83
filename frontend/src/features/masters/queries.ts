import {
  infiniteQueryOptions,
  queryOptions,
  useMutation,
  useQueryClient,
} from '@tanstack/react-query';
import { client, unwrap } from '@/api/client';
import { keys } from '@/api/keys';
import { type Once, useOnce } from '@/api/once';
import type { ListedMaster, MasterProfile, Page } from '@/api/types';
import { settingsOf, type TypedSizing } from '@/lib/offered-sizing';
import type { DirectoryFilter } from './rankings';

const PAGE = 24;
/** Figures of the directory are computed now and then, not per trade: as often they are read again. */
const READ_AGAIN_MS = 60_000;

/** Masters whose owners opted in, page by page. */
export function directoryQuery({ search, sort }: DirectoryFilter) {
  return infiniteQueryOptions({
    queryKey: [...keys.masters, { search, sort }],
    queryFn: ({ pageParam, signal }): Promise<Page<ListedMaster>> =>
      unwrap(
        client.GET('/api/v1/masters', {
          params: {
            query: {
              limit: PAGE,
              ...(search && { search }),
              ...(sort && { sort }),
              ...(pageParam && { cursor: pageParam }),
            },
          },
          signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    staleTime: READ_AGAIN_MS,
    refetchInterval: READ_AGAIN_MS,
  });
}

/** The public profile of one master, with its curve. */
export function profileQuery(slug: string) {
  return queryOptions({
    queryKey: keys.master(slug),
    queryFn: ({ signal }): Promise<MasterProfile> =>
      unwrap(client.GET('/api/v1/masters/{slug}', { params: { path: { slug } }, signal })),
    staleTime: READ_AGAIN_MS,
    refetchInterval: READ_AGAIN_MS,
  });
}

interface NewFollow {
  accountId: string;
  sizing: TypedSizing | null;
}

/** Makes one's account follow a master of the directory. */
export function useFollowMaster(master_slug: string) {
  const queries = useQueryClient();
  const write = useOnce(master_slug, (headers: Once, { accountId, sizing }: NewFollow) =>
    unwrap(
      client.POST('/api/v1/accounts/{account_id}/subscriptions', {
        params: { path: { account_id: accountId } },
        headers,
        body: { master_slug, ...settingsOf(sizing) },
      }),
    ),
  );
  return useMutation({
    mutationFn: write,
    onSuccess: ({ follower_account_id }) =>
      queries.invalidateQueries({ queryKey: keys.account(follower_account_id) }),
  });
}
