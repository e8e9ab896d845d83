import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { client, unwrap } from '@/api/client';
import { keys } from '@/api/keys';
import type { PutRiskDefaults } from '@/api/types';
import { judgedAnew } from './marks-queries';

/** What a new account of this user is offered as its rules. */
export const riskDefaultsQuery = queryOptions({
  queryKey: keys.riskDefaults,
  queryFn: ({ signal }) => unwrap(client.GET('/api/v1/me/risk-defaults', { signal })),
});

/** Refused when another device was faster; then they are read again. */
export function usePutRiskDefaults() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: PutRiskDefaults) => unwrap(client.PUT('/api/v1/me/risk-defaults', { body })),
    onSuccess: (defaults) => {
      queries.setQueryData(keys.riskDefaults, defaults);
      return judgedAnew(queries);
    },
    onError: () => queries.invalidateQueries({ queryKey: keys.riskDefaults }),
  });
}
