import { type QueryClient, useMutation, useQueryClient } from '@tanstack/react-query';
import { client, unwrap } from '@/api/client';
import { keys } from '@/api/keys';
import type { Group, PutRequiredRules } from '@/api/types';

interface NewRequired {
  /** Null: each account has rules of its own. */
  rules: PutRequiredRules | null;
  /** The version that was seen when they were chosen. */
  version: number;
}

/** What all accounts of a group have to follow. */
export function useRequireRules({ id, name }: Pick<Group, 'id' | 'name'>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ rules, version }: NewRequired) =>
      unwrap(
        client.PUT('/api/v1/groups/{group_id}', {
          params: { path: { group_id: id } },
          // The document lists the fields of all kinds of rule as if each had them.
          body: { name, version, required_rules: rules as never },
        }),
      ),
    onSettled: () => readAgain(queries, id),
  });
}

/** What one unit of each currency is worth in the group's own, from now on. */
export function usePutRates(groupId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (rates: { currency: string; rate: string }[]) =>
      unwrap(
        client.PUT('/api/v1/groups/{group_id}/rates', {
          params: { path: { group_id: groupId } },
          body: { rates },
        }),
      ),
    onSuccess: (risk) => queries.setQueryData(keys.groupRisk(groupId), risk),
    onSettled: () => readAgain(queries, groupId),
  });
}

async function readAgain(queries: QueryClient, id: string): Promise<void> {
  await Promise.all(
    [keys.groups, keys.groupRisk(id)].map((queryKey) => queries.invalidateQueries({ queryKey })),
  );
}
