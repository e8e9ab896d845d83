import { type QueryClient, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { client, done, unwrap } from '@/api/client';
import { keys } from '@/api/keys';
import { eachTime, type Once, useOnce } from '@/api/once';
import type { Group, Page } from '@/api/types';

/** All groups, oldest first. */
export const groupsQuery = queryOptions({
  queryKey: keys.groups,
  queryFn: ({ signal }): Promise<Page<Group>> =>
    unwrap(client.GET('/api/v1/groups', { params: { query: { limit: 200 } }, signal })),
});

/** With a master it begins with that one and the user's accounts that follow it. */
export function useCreateGroup() {
  const queries = useQueryClient();
  const write = useOnce(null, (headers: Once, body: { name: string; master_account_id?: string }) =>
    unwrap(client.POST('/api/v1/groups', { body, headers })),
  );
  return useMutation({
    mutationFn: write,
    onSuccess: () => readAgain(queries),
  });
}

/** Refused when somebody else renamed the group in between; then the list is read again. */
export function useRenameGroup({ id, version }: Group) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ name }: { name: string }) =>
      unwrap(
        client.PUT('/api/v1/groups/{group_id}', {
          params: { path: { group_id: id } },
          body: { name, version },
        }),
      ),
    onSettled: () => readAgain(queries),
  });
}

export function useDeleteGroup(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () =>
      done(client.DELETE('/api/v1/groups/{group_id}', { params: { path: { group_id: id } } })),
    onSuccess: () => readAgain(queries),
  });
}

export function useAddAccount(groupId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (accountId: string) =>
      unwrap(
        client.POST('/api/v1/groups/{group_id}/accounts', {
          params: { path: { group_id: groupId } },
          headers: eachTime(),
          body: { account_id: accountId },
        }),
      ),
    onSuccess: () => readAgain(queries),
  });
}

export function useRemoveAccount(groupId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (accountId: string) =>
      done(
        client.DELETE('/api/v1/groups/{group_id}/accounts/{account_id}', {
          params: { path: { group_id: groupId, account_id: accountId } },
        }),
      ),
    onSuccess: () => readAgain(queries),
  });
}

function readAgain(queries: QueryClient): Promise<void> {
  return queries.invalidateQueries({ queryKey: keys.groups });
}
