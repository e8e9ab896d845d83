import { type QueryClient, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { client, unwrap } from '@/api/client';
import { keys } from '@/api/keys';
import type { Group, GuardedAccounts, OwnMarks } from '@/api/types';

/** Whose marks. */
export type MarksPlace =
  | { scope: 'account' | 'group'; id: string; name: string }
  | { scope: 'tenant' };

function paramsOf(place: MarksPlace): { group_id?: string; account_id?: string } {
  if (place.scope === 'tenant') return {};
  return place.scope === 'group' ? { group_id: place.id } : { account_id: place.id };
}

/** Of how many accounts guards may act when other marks are saved there. Asked each time: guards change. */
export function guardedQuery(place: MarksPlace) {
  return queryOptions({
    queryKey: keys.guarded(place.scope === 'tenant' ? 'tenant' : place.id),
    queryFn: ({ signal }): Promise<GuardedAccounts> =>
      unwrap(client.GET('/api/v1/risk/guarded', { params: { query: paramsOf(place) }, signal })),
    staleTime: 0,
    gcTime: 0,
  });
}

export interface NewMarks {
  thresholds: OwnMarks | null;
  /** The version that was seen when they were chosen. */
  version: number;
}

/** Refused when somebody edited the group in between; then it is read again. */
export function usePutGroupMarks({ id, name }: Pick<Group, 'id' | 'name'>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (marks: NewMarks) =>
      unwrap(
        client.PUT('/api/v1/groups/{group_id}', {
          params: { path: { group_id: id } },
          body: { name, ...marks },
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
