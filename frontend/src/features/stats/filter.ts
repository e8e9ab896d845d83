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

/** Accounts that count by themselves or were ticked, of `all` that there are. */
export interface Counted {
  accounts: readonly Pick<Account, 'id' | 'currency'>[];
  all: number;
}

/** Undefined until they are known. Null: no account has to be named. */
export type ChosenAccounts = string[] | null | undefined;

/** The accounts that are asked for: one of them, else those that count, of a currency or of all. */
export function chosenAccounts(
  { account, group, currency }: Pick<StatsSearch, 'account' | 'group' | 'currency'>,
  counted: Counted | undefined,
): ChosenAccounts {
  if (account) return [account];
  if (group) return null;
  if (!counted) return undefined;
  const { accounts, all } = counted;
  if (!currency && accounts.length === all) return null;
  return accounts.flatMap((each) => (currency && each.currency !== currency ? [] : each.id));
}

/** Whether there is anybody to ask about: to name no account would be to ask about all. */
export function isAnybody(chosen: ChosenAccounts): boolean {
  return chosen !== undefined && chosen?.length !== 0;
}
