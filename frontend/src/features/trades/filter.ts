import type { TradeFilter } from '@/api/stream/apply';
import { daysAfter, startOf } from '@/lib/zone';
import { present, type TradesSearch } from './search';

/** The same as the server is asked. */
export function filterOf(search: TradesSearch, zone: string): TradeFilter {
  const { account, group, symbol, side, tag, result, source, status, from, to, sort } = search;
  return present({
    account_id: account,
    group_id: group,
    symbol,
    direction: side,
    tag,
    result,
    source,
    status,
    from: from && startOf(zone, from)?.toISOString(),
    to: to && startOf(zone, daysAfter(to, 1))?.toISOString(),
    sort,
  });
}
