import { useQueries } from '@tanstack/react-query';
import type { CopySettings } from '@/api/types';
import { subscriptionsOfQuery } from '@/features/copies/queries';

/** By account the settings for each master that it follows, once they were read; none where that failed. */
export function useCopySettingsOf(accountIds: string[]): Map<string, CopySettings[]> {
  const answers = useQueries({ queries: accountIds.map(subscriptionsOfQuery) });
  return new Map(
    answers.flatMap(({ data, isPending }, place) => {
      const id = accountIds[place];
      if (isPending || id === undefined) return [];
      const running = (data?.items ?? []).filter(({ state }) => state !== 'ended');
      return [[id, running.map(({ settings }) => settings)] as const];
    }),
  );
}
