import { expect, test } from 'vitest';
import { aTrade } from '@/test/build';
import { profitLine } from './profit';

test('results add up in the order of closing, exactly', () => {
  const line = profitLine([
    aTrade({ id: 'b', exit_at: '2026-11-02T10:00:00Z', pnl: '0.2' }),
    aTrade({ id: 'a', exit_at: '2026-11-01T10:00:00Z', pnl: '0.1' }),
    aTrade({ id: 'c', exit_at: '2026-11-03T10:00:00Z', pnl: '-0.35' }),
  ]);
  expect(line.map(({ tradeId, total }) => [tradeId, total])).toEqual([
    ['a', '0.1'],
    ['b', '0.3'],
    ['c', '-0.05'],
  ]);
});

test('a trade without a known result is no point of the line', () => {
  expect(profitLine([aTrade({ exit_at: '2026-11-01T10:00:00Z', pnl: null })])).toEqual([]);
});
