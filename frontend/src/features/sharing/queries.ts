import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { client, done, unwrap } from '@/api/client';
import { keys } from '@/api/keys';
import { type Once, useOnce } from '@/api/once';
import type { CreateShare } from '@/api/types';

/** The own links, newest first, those that ended too. */
export const sharesQuery = queryOptions({
  queryKey: keys.shares,
  queryFn: ({ signal }) => unwrap(client.GET('/api/v1/shares', { signal })),
});

/** Makes a link; its token is in this answer only. */
export function useCreateShare() {
  const queries = useQueryClient();
  const write = useOnce(null, (headers: Once, body: CreateShare) =>
    unwrap(client.POST('/api/v1/shares', { body, headers })),
  );
  return useMutation({
    mutationFn: write,
    // It may be there although its answer was lost.
    onSettled: () => queries.invalidateQueries({ queryKey: keys.shares }),
  });
}

/** Ends a link. */
export function useRevokeShare() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      done(client.DELETE('/api/v1/shares/{share_id}', { params: { path: { share_id: id } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: keys.shares }),
  });
}

/** What a link shows, to anybody. */
export function sharedQuery(token: string) {
  return queryOptions({
    queryKey: keys.shared(token),
    queryFn: ({ signal }) =>
      unwrap(client.GET('/api/v1/shared/{token}', { params: { path: { token } }, signal })),
  });
}
