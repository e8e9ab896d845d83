import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Side, Trade } from '@/api/types';
import { positionOf } from './fills';

interface Vector {
  name: string;
  direction: Trade['direction'];
  fills: { side: Side; quantity: string; price: string; minute: number; fees: string }[];
  /** Null: more is out than was in. */
  position: {
    quantity: string;
    open: string;
    entry: string;
    exit: string | null;
    realised: string | null;
    fees: string;
  } | null;
}

const VECTORS: Vector[] = JSON.parse(
  readFileSync('../backend/domain/tests/trade/fills_vectors.json', 'utf8'),
);

test.each(VECTORS)('fills add up as on the server: $name', ({ direction, fills, position }) => {
  const told = fills.map(({ side, minute, ...fill }) => ({
    ...fill,
    isEntry: (side === 'BUY') === (direction === 'LONG'),
    at: minute * 60_000,
  }));

  const added = positionOf(direction, told);

  if (position === null) expect(added).toBe('too_much');
  else expect(added).toMatchObject(position);
});

test('without fills there is no position', () => {
  expect(positionOf('LONG', [])).toBeNull();
});
