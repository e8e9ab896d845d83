import {
  infiniteQueryOptions,
  queryOptions,
  useMutation,
  useQueryClient,
} from '@tanstack/react-query';
import { client, unwrap } from '@/api/client';
import { keys } from '@/api/keys';

const LIMIT = 30;

/** How many alerts are unread. The stream keeps it. */
export const unreadQuery = queryOptions({
  queryKey: keys.unread,
  queryFn: async ({ signal }): Promise<number> => {
    const page = await unwrap(
      client.GET('/api/v1/alerts', { params: { query: { limit: 1 } }, signal }),
    );
    return page.unread;
  },
});

/** The inbox, what was seen last first. */
export function alertsQuery(isUnreadOnly: boolean) {
  return infiniteQueryOptions({
    queryKey: [...keys.alerts, { unread: isUnreadOnly }],
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        client.GET('/api/v1/alerts', {
          params: {
            query: {
              limit: LIMIT,
              ...(isUnreadOnly && { unread: true }),
              ...(pageParam !== '' && { cursor: pageParam }),
            },
          },
          signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    select: (data) => data.pages.flatMap((page) => page.items),
  });
}

export function useReadAlert() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (alertId: string) =>
      unwrap(
        client.POST('/api/v1/alerts/{alert_id}/read', { params: { path: { alert_id: alertId } } }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['alerts'] }),
  });
}

/** Marks as read what was seen until then; what came later stays unread. */
export function useReadAllAlerts() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (until: string) =>
      unwrap(client.POST('/api/v1/alerts/read-all', { body: { until } })),
    onSuccess: ({ unread }) => {
      queries.setQueryData(keys.unread, unread);
      return queries.invalidateQueries({ queryKey: keys.alerts });
    },
  });
}
