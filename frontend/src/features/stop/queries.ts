import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { client, unwrap } from '@/api/client';
import { keys } from '@/api/keys';
import { eachTime } from '@/api/once';
import type { Operation, StopCopying } from '@/api/types';

/** The stream tells of changes; this is for when it is away. */
const LOOK_MS = 2_000;

/** Whether the worker is still at it. */
export function isUnderWay({ state }: Operation): boolean {
  return state === 'pending' || state === 'running';
}

/** Where copying is stopped, and what is being done about it. */
export const stopQuery = queryOptions({
  queryKey: keys.stop,
  queryFn: ({ signal }) => unwrap(client.GET('/api/v1/stop', { signal })),
  // Not known is not none: it is asked until it is.
  refetchInterval: ({ state: { data } }) =>
    !data || data.operations.some(isUnderWay) ? LOOK_MS : false,
});

/** How far one stop is. */
export function operationQuery(id: string) {
  return queryOptions({
    queryKey: keys.operation(id),
    queryFn: ({ signal }): Promise<Operation> =>
      unwrap(
        client.GET('/api/v1/stop/{operation_id}', {
          params: { path: { operation_id: id } },
          signal,
        }),
      ),
    refetchInterval: ({ state }) => (state.data && !isUnderWay(state.data) ? false : LOOK_MS),
  });
}

/** Presses the button. */
export function useStop() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: StopCopying): Promise<Operation> =>
      unwrap(client.POST('/api/v1/stop', { body, headers: eachTime() })),
    onSuccess: (operation) => {
      queries.setQueryData(keys.operation(operation.id), operation);
      return queries.invalidateQueries({ queryKey: keys.stop, exact: true });
    },
  });
}
