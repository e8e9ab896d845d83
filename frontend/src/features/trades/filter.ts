import type { TradeFilter } from '@/api/stream/apply';
import { daysAfter, startOf } from '@/lib/zone';
import { present, type TradesSearch } from './search';

/** The same as the server is asked. */
export function filterOf(search: TradesSearch, zone: string): TradeFilter {
  const { account, symbol, source, status, from, to, sort } = search;
  return present({
    account_id: account,
    symbol,
    source,
    status,
    from: from && startOf(zone, from)?.toISOString(),
    to: to && startOf(zone, daysAfter(to, 1))?.toISOString(),
    sort,
  });
}
