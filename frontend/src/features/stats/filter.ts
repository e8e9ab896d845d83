import type { Account } from '@/api/types';
import { monthsAfter } from '@/lib/calendar';
import { daysAfter, startOf } from '@/lib/zone';
import type { StatsFilter } from './queries';
import type { StatsSearch } from './search';

/** The same as the server is asked. */
export function statsFilterOf(
  { account, group, tag, from, to, in: currency }: StatsSearch,
  zone: string,
) {
  const begin = from && startOf(zone, from)?.toISOString();
  const end = to && startOf(zone, daysAfter(to, 1))?.toISOString();
  return {
    ...(account && { account_id: [account] }),
    ...(group && { group_id: group }),
    ...(tag && { tag }),
    ...(begin && { from: begin }),
    ...(end && { to: end }),
    ...(currency && { currency }),
  } satisfies StatsFilter;
}

/** What closed in a month such as `2026-11`. */
export function ofMonth(month: string, zone: string) {
  const from = startOf(zone, `${month}-01`)?.toISOString();
  const to = startOf(zone, `${monthsAfter(month, 1)}-01`)?.toISOString();
  return { ...(from && { from }), ...(to && { to }) } satisfies StatsFilter;
}

/** The accounts that are chosen: one of them, or all of a currency. Null: by nothing of both. */
export function chosenAccounts(
  { account, currency }: Pick<StatsSearch, 'account' | 'currency'>,
  accounts: readonly Account[],
): string[] | null {
  if (account) return [account];
  const ids = accounts.flatMap((each) => (each.currency === currency ? each.id : []));
  return ids.length > 0 ? ids : null;
}
