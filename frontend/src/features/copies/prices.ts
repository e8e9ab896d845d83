import type { Copy } from '@/api/types';
import { mostDecimals } from '@/lib/decimal';

/** Decimals with which the prices of one copy are written. */
export function pricePlaces(copy: Copy): number {
  const { master_price, open_price, close_price, stop_loss, take_profit } = copy;
  return mostDecimals(master_price, open_price, close_price, stop_loss, take_profit);
}
