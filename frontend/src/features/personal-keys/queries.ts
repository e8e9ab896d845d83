import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { client, done, unwrap } from '@/api/client';
import { keys } from '@/api/keys';
import { type Once, useOnce } from '@/api/once';
import type { CreatePersonalKey } from '@/api/types';

/** The own keys for programs, those that ended too. */
export const personalKeysQuery = queryOptions({
  queryKey: keys.personalKeys,
  queryFn: ({ signal }) => unwrap(client.GET('/api/v1/me/api-keys', { signal })),
});

/** Makes a key; it is in this answer only. */
export function useCreatePersonalKey() {
  const queries = useQueryClient();
  const write = useOnce(null, (headers: Once, body: CreatePersonalKey) =>
    unwrap(client.POST('/api/v1/me/api-keys', { body, headers })),
  );
  return useMutation({
    mutationFn: write,
    // It may be there although its answer was lost.
    onSettled: () => queries.invalidateQueries({ queryKey: keys.personalKeys }),
  });
}

/** Ends a key. */
export function useRevokePersonalKey() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      done(client.DELETE('/api/v1/me/api-keys/{key_id}', { params: { path: { key_id: id } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: keys.personalKeys }),
  });
}
