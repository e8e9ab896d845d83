import {
  type QueryClient,
  queryOptions,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { client, unwrap } from '@/api/client';
import { keys } from '@/api/keys';
import { eachTime } from '@/api/once';
import type { Group, Guard, GuardTrip, Page, PastGuardTrip, StopState } from '@/api/types';

/** Whose guard it is. */
export interface GuardPlace {
  scope: 'group' | 'account';
  id: string;
  name: string;
}

/** The guard of an account with the version that an edit of it names. */
export function accountGuardQuery(accountId: string) {
  return queryOptions({
    queryKey: keys.guard(accountId),
    queryFn: ({ signal }) =>
      unwrap(
        client.GET('/api/v1/accounts/{account_id}/guard', {
          params: { path: { account_id: accountId } },
          signal,
        }),
      ),
  });
}

/** What a guard did, newest first. */
export function guardTripsQuery({ scope, id }: Pick<GuardPlace, 'scope' | 'id'>) {
  return queryOptions({
    queryKey: keys.guardTrips(id),
    queryFn: ({ signal }): Promise<Page<PastGuardTrip>> =>
      scope === 'group'
        ? unwrap(
            client.GET('/api/v1/groups/{group_id}/guard/trips', {
              params: { path: { group_id: id } },
              signal,
            }),
          )
        : unwrap(
            client.GET('/api/v1/accounts/{account_id}/guard/trips', {
              params: { path: { account_id: id } },
              signal,
            }),
          ),
  });
}

/** What a guard did in a place where copying is stopped, until a person resumes. */
export function useStandingTrip(stop: StopState['stops'][number]): GuardTrip | undefined {
  const scope = stop.group_id ? 'group' : 'account';
  const id = stop.group_id ?? stop.account_id;
  const query = guardTripsQuery({ scope, id: id ?? '' });
  const trips = useQuery({ ...query, enabled: id !== null }).data?.items;
  return trips?.find(({ resumed_at }) => !resumed_at);
}

export interface NewGuard {
  guard: Guard | null;
  /** The version that was seen when it was chosen. */
  version: number;
}

export function usePutAccountGuard(accountId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: NewGuard) =>
      unwrap(
        client.PUT('/api/v1/accounts/{account_id}/guard', {
          params: { path: { account_id: accountId } },
          body,
        }),
      ),
    onSuccess: (guard) => queries.setQueryData(keys.guard(accountId), guard),
    onSettled: () => readAgain(queries, accountId),
  });
}

export function usePutGroupGuard({ id, name }: Pick<Group, 'id' | 'name'>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: NewGuard) =>
      unwrap(
        client.PUT('/api/v1/groups/{group_id}', {
          params: { path: { group_id: id } },
          body: { name, ...body },
        }),
      ),
    onSettled: () => readAgain(queries, id),
  });
}

/** A person lets copying go on after a guard acted. */
export function useResume({ scope, id }: Pick<GuardPlace, 'scope' | 'id'>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () =>
      unwrap(
        client.POST('/api/v1/stop', {
          headers: eachTime(),
          body: {
            scope,
            action: 'resume',
            ...(scope === 'group' ? { group_id: id } : { account_id: id }),
          },
        }),
      ),
    onSettled: () => readAgain(queries, id),
  });
}

async function readAgain(queries: QueryClient, id: string): Promise<void> {
  const stale = [
    keys.stop,
    keys.groups,
    keys.groupRisk(id),
    keys.risk(id),
    keys.guard(id),
    keys.guardTrips(id),
  ];
  await Promise.all(stale.map((queryKey) => queries.invalidateQueries({ queryKey })));
}
