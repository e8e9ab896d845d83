import type { Trade } from '@/api/types';
import { add } from '@/lib/decimal';

/** A moment of the profit line: a trade's result and the sum up to it. */
export interface ProfitPoint {
  tradeId: string;
  /** RFC 3339. */
  at: string;
  symbol: string;
  result: string;
  total: string;
}

/** The running sum of results in the order in which trades closed. Unknown results are left out. */
export function profitLine(trades: readonly Trade[]): ProfitPoint[] {
  let total = '0';
  return trades
    .flatMap(({ id, exit_at, symbol, pnl }) =>
      exit_at && pnl ? [{ tradeId: id, at: exit_at, symbol, result: pnl }] : [],
    )
    .sort((a, b) => Date.parse(a.at) - Date.parse(b.at))
    .map((point) => {
      total = add(total, point.result);
      return { ...point, total };
    });
}
