import { queryOptions } from '@tanstack/react-query';
import { client, unwrap } from '@/api/client';
import { keys } from '@/api/keys';

/**
 * The live connection tells of changes; what it tells only in part is read again. A page that
 * was in the background asks at once: its answers are old.
 */
export const READ_AGAIN = { refetchInterval: 30_000, refetchOnWindowFocus: true } as const;

export function accountRiskQuery(accountId: string) {
  return queryOptions({
    queryKey: keys.risk(accountId),
    queryFn: ({ signal }) =>
      unwrap(
        client.GET('/api/v1/accounts/{account_id}/risk', {
          params: { path: { account_id: accountId } },
          signal,
        }),
      ),
    ...READ_AGAIN,
  });
}

export function groupRiskQuery(groupId: string) {
  return queryOptions({
    queryKey: keys.groupRisk(groupId),
    queryFn: ({ signal }) =>
      unwrap(
        client.GET('/api/v1/groups/{group_id}/risk', {
          params: { path: { group_id: groupId } },
          signal,
        }),
      ),
    ...READ_AGAIN,
  });
}
