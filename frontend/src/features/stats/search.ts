import { isDay } from '@/lib/day';

/** Whose trades, and of which days. */
export interface StatsSearch {
  account?: string;
  group?: string;
  /** All accounts of one currency. */
  currency?: string;
  tag?: string;
  /** Days in the user's zone, both of them included. */
  from?: string;
  to?: string;
  /** Currency that all money is told in; none: as the accounts have it. */
  in?: string;
}

/** The first page: what its sums are told in. */
export type OverviewSearch = Pick<StatsSearch, 'in'>;

export interface CalendarSearch {
  account?: string;
  currency?: string;
  /** Such as `2026-11`. */
  month?: string;
}

/** Accounts side by side. */
export interface CompareSearch {
  accounts?: string[];
}

type Search = Record<string, unknown>;
const LONGEST = 64;
const MOST_COMPARED = 10;

export function readStatsSearch(search: Search): StatsSearch {
  const [account, group, tag] = [text(search.account), text(search.group), text(search.tag)];
  const currency = text(search.currency);
  const [from, to] = [text(search.from), text(search.to)];
  return {
    ...(account && { account }),
    ...(group && { group }),
    ...(currency && { currency }),
    ...(tag && { tag }),
    ...(from && isDay(from) && { from }),
    ...(to && isDay(to) && { to }),
    ...readOverviewSearch(search),
  };
}

export function readOverviewSearch(search: Search): OverviewSearch {
  const currency = text(search.in);
  return currency && /^[A-Z0-9]{2,10}$/.test(currency) ? { in: currency } : {};
}

export function readCalendarSearch(search: Search): CalendarSearch {
  const [account, month] = [text(search.account), text(search.month)];
  const currency = text(search.currency);
  return {
    ...(account && { account }),
    ...(currency && { currency }),
    ...(month && isMonth(month) && { month }),
  };
}

/** Whose days they are: of all accounts, of one, or of those of a currency. */
export type DaySearch = Pick<CalendarSearch, 'account' | 'currency'>;

export function readDaySearch(search: Search): DaySearch {
  const { month: _, ...whose } = readCalendarSearch(search);
  return whose;
}

export function readCompareSearch({ accounts }: Search): CompareSearch {
  if (!Array.isArray(accounts)) return {};
  const ids = accounts.flatMap((each) => text(each) ?? []);
  return { accounts: [...new Set(ids)].slice(0, MOST_COMPARED) };
}

function isMonth(text: string): boolean {
  return /^\d{4}-(0[1-9]|1[0-2])$/.test(text);
}

function text(value: unknown): string | undefined {
  const written = typeof value === 'number' ? String(value) : value;
  return typeof written === 'string' && written !== '' ? written.slice(0, LONGEST) : undefined;
}
