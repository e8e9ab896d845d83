import { daysAfter, startOf } from '@/lib/zone';
import type { StatsFilter } from './queries';
import type { StatsSearch } from './search';

/** The same as the server is asked. */
export function statsFilterOf({ account, group, tag, from, to }: StatsSearch, zone: string) {
  const begin = from && startOf(zone, from)?.toISOString();
  const end = to && startOf(zone, daysAfter(to, 1))?.toISOString();
  return {
    ...(account && { account_id: [account] }),
    ...(group && { group_id: group }),
    ...(tag && { tag }),
    ...(begin && { from: begin }),
    ...(end && { to: end }),
  } satisfies StatsFilter;
}
