import { useMutation, useQueryClient } from '@tanstack/react-query';
import { client, unwrap } from '@/api/client';
import { keys } from '@/api/keys';
import type { PatchMe } from '@/api/types';

/** Changes name, language or zone of the signed-in user. */
export function useSaveMe() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: PatchMe) => unwrap(client.PATCH('/api/v1/me', { body })),
    onSuccess: (user) => queries.setQueryData(keys.me, user),
  });
}
