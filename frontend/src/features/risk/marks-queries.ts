import { type QueryClient, useMutation, useQueryClient } from '@tanstack/react-query';
import { client, unwrap } from '@/api/client';
import { keys } from '@/api/keys';
import type { Group, OwnMarks } from '@/api/types';

/** Refused when somebody edited the group in between; then it is read again. */
export function usePutGroupMarks({ id, name, version }: Pick<Group, 'id' | 'name' | 'version'>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (thresholds: OwnMarks | null) =>
      unwrap(
        client.PUT('/api/v1/groups/{group_id}', {
          params: { path: { group_id: id } },
          body: { name, version, thresholds },
        }),
      ),
    onSettled: () => judgedAnew(queries),
  });
}

/** Accounts stand elsewhere by other marks, in every place where that is shown. */
export async function judgedAnew(queries: QueryClient): Promise<void> {
  const stale = [keys.groups, keys.risks, ['account'], ['group']];
  await Promise.all(stale.map((queryKey) => queries.invalidateQueries({ queryKey })));
}
