import { queryOptions, skipToken, useMutation, useQueryClient } from '@tanstack/react-query';
import { client, unwrap } from '@/api/client';
import { keys } from '@/api/keys';
import type { Alert, AlertLevels, PutAlertLevels, Severity } from '@/api/types';

/** Least urgent first. */
export const SEVERITIES = ['info', 'warning', 'critical'] as const satisfies readonly Severity[];

export const alertLevelsQuery = queryOptions({
  queryKey: keys.alertLevels,
  queryFn: ({ signal }): Promise<AlertLevels> =>
    unwrap(client.GET('/api/v1/me/alert-levels', { signal })),
});

/** The newest alerts that the stream told of, until they are dismissed; nobody asks for them. */
export const toldAlertsQuery = queryOptions<Alert[]>({
  queryKey: keys.toldAlerts,
  queryFn: skipToken,
  staleTime: Number.POSITIVE_INFINITY,
});

/** Whether a channel tells of what is so urgent; null: it never does. */
export const isTold = (least: Severity | null, severity: Severity): boolean =>
  least !== null && SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(least);

export function usePutAlertLevels() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: PutAlertLevels) => unwrap(client.PUT('/api/v1/me/alert-levels', { body })),
    onSuccess: (levels) => {
      queries.setQueryData(keys.alertLevels, levels);
      return queries.invalidateQueries({ queryKey: ['alerts'] });
    },
  });
}
