import type { TradeSource } from '@/api/types';
import { isDay } from '@/lib/day';

/** What an address tells of the journal after its `?`. */
export interface TradesSearch {
  account?: string;
  group?: string;
  symbol?: string;
  side?: TradeSide;
  tag?: string;
  result?: TradeResult;
  source?: TradeSource;
  status?: 'open' | 'closed';
  /** Days in the user's zone, both of them included. */
  from?: string;
  to?: string;
  sort?: TradeSort;
  /** The trade that is shown beside the list. */
  trade?: string;
  /** A new one is to be typed in at once. */
  add?: true;
}

export const SOURCES = [
  'manual',
  'ea',
  'copy',
  'exchange',
  'bot',
  'import',
] as const satisfies TradeSource[];
export const STATUSES = ['open', 'closed'] as const;
export const SIDES = ['LONG', 'SHORT'] as const;
type TradeSide = (typeof SIDES)[number];
export const RESULTS = ['win', 'loss', 'breakeven'] as const;
type TradeResult = (typeof RESULTS)[number];
export const SORTS = [
  '-entry_at',
  'entry_at',
  '-exit_at',
  'exit_at',
  '-pnl',
  'pnl',
  'symbol',
  '-symbol',
] as const;
export type TradeSort = (typeof SORTS)[number];
export const FIRST_SORT: TradeSort = '-entry_at';

/** Longer ones are no symbols, ids or tags. */
const LONGEST = 64;

/** What is not understood is left out, not an error. */
export function readTradesSearch(search: Record<string, unknown>): TradesSearch {
  const text = (name: string) => {
    const value = search[name];
    // An address that looks like a number arrives as one.
    const written = typeof value === 'number' ? String(value) : value;
    return typeof written === 'string' && written !== '' ? written.slice(0, LONGEST) : undefined;
  };
  const [from, to] = [text('from'), text('to')];
  const sort = oneOf(SORTS, search.sort);
  return present({
    account: text('account'),
    group: text('group'),
    symbol: text('symbol'),
    side: oneOf(SIDES, search.side),
    tag: text('tag'),
    result: oneOf(RESULTS, search.result),
    source: oneOf(SOURCES, search.source),
    status: oneOf(STATUSES, search.status),
    from: from && isDay(from) ? from : undefined,
    to: to && isDay(to) ? to : undefined,
    sort: sort === FIRST_SORT ? undefined : sort,
    trade: text('trade'),
    add: search.add ? true : undefined,
  });
}

/** Whether fewer than all trades are wanted. */
export function isNarrowed({ sort, trade, add, ...narrowing }: TradesSearch): boolean {
  return Object.values(narrowing).some((value) => value !== undefined);
}

export function oneOf<Word extends string>(
  words: readonly Word[],
  value: unknown,
): Word | undefined {
  return words.find((word) => word === value);
}

type Present<Fields> = { [Name in keyof Fields]?: Exclude<Fields[Name], undefined | ''> };

/** Without what is not there: an address tells only what was chosen. */
export function present<Fields extends object>(fields: Fields): Present<Fields> {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined && value !== '');
  return Object.fromEntries(given) as Present<Fields>;
}
