import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Trade } from '@/api/types';
import { likelyAsset, netProfit, rMultiple, usualMultiplier } from './profit-of';

interface Vector extends Pick<Trade, 'symbol' | 'direction' | 'asset_type' | 'quantity'> {
  name: string;
  multiplier: string | null;
  entry: string;
  exit: string;
  stop: string | null;
  fees: string;
  swap: string;
  currency: string;
  pnl: string | null;
  r: string | null;
}

const VECTORS: Vector[] = JSON.parse(
  readFileSync('../backend/domain/tests/trade/profit_vectors.json', 'utf8'),
);

test.each(VECTORS)('$name brings what the server says', (vector) => {
  const { multiplier, stop, pnl, r, symbol, asset_type } = vector;
  const units = multiplier ?? usualMultiplier(asset_type, symbol);
  expect(units && netProfit({ ...vector, multiplier: units })).toBe(pnl);
  expect(stop && rMultiple({ ...vector, stop })).toBe(r);
});

test.each([
  ['EURUSD', 'forex'],
  ['EUR/USD', 'forex'],
  ['eurusd', 'forex'],
  ['BTC-USDT', 'crypto'],
  ['MNQZ6', 'future'],
  ['AAPL', null],
  ['XAUUSD', null],
  ['BTCUSD', null],
] as const)('%s is likely %s', (symbol, asset) => {
  expect(likelyAsset(symbol)).toBe(asset);
});
