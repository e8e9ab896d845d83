import type { CreateTrade, Side, Trade } from '@/api/types';
import { add, compare, divide, isDecimal, multiply, negated, rounded, sign } from '@/lib/decimal';
import { clockIn, momentOf } from '@/lib/zone';
import { gain } from './profit-of';

// A trade told by its fills, by the server's definition (`backend/domain/src/trade/fills.rs`):
// both are held to `backend/domain/tests/trade/fills_vectors.json`.

type Direction = Trade['direction'];
type NewExecution = NonNullable<CreateTrade['executions']>[number];

/** A fill as the form writes it; all but its side is text. */
export interface FillRow {
  /** Entries begin a position or add to it, exits end it or a part of it. */
  side: 'in' | 'out';
  /** To the minute, by the user's clock. */
  at: string;
  /** The time that it had before the form, to the fraction of a second; empty: it had none. */
  was: string;
  price: string;
  quantity: string;
  fees: string;
}

export interface Fill {
  isEntry: boolean;
  /** Milliseconds since 1970. */
  at: number;
  price: string;
  /** Above zero. */
  quantity: string;
  fees: string;
}

/** What fills add up to. */
export interface FillsPosition {
  /** All that was entered. */
  quantity: string;
  /** What of it is still open. */
  open: string;
  /** Average price of entries, by size. */
  entry: string;
  /** Average price of exits, by size; null before the first. */
  exit: string | null;
  enteredAt: number;
  /** Last exit; null until all is out. */
  exitedAt: number | null;
  /** What was received less what was paid, in price times quantity; null until all is out. */
  realised: string | null;
  fees: string;
}

/** Most decimals of an average price. */
const PLACES = 10;

/**
 * Adds up fills, in any order; those of one moment count as given. Null: there is none.
 * `too_much`: at some time more is out than was in.
 */
export function positionOf(
  direction: Direction,
  fills: readonly Fill[],
): FillsPosition | 'too_much' | null {
  const sorted = fills.toSorted((a, b) => a.at - b.at);
  const [first, last] = [sorted[0], sorted.at(-1)];
  if (!first || !last) return null;
  const sums = { entered: '0', paid: '0', exited: '0', received: '0', fees: '0' };
  for (const { isEntry, price, quantity, fees } of sorted) {
    const worth = multiply(price, quantity);
    if (isEntry) {
      sums.entered = add(sums.entered, quantity);
      sums.paid = add(sums.paid, worth);
    } else {
      sums.exited = add(sums.exited, quantity);
      sums.received = add(sums.received, worth);
    }
    sums.fees = add(sums.fees, fees);
    if (compare(sums.exited, sums.entered) > 0) return 'too_much';
  }
  const isOver = compare(sums.exited, sums.entered) === 0;
  return {
    quantity: rounded(sums.entered, PLACES),
    open: rounded(add(sums.entered, negated(sums.exited)), PLACES),
    entry: divide(sums.paid, sums.entered, PLACES),
    exit: sign(sums.exited) === 0 ? null : divide(sums.received, sums.exited, PLACES),
    enteredAt: first.at,
    exitedAt: isOver ? last.at : null,
    realised: isOver ? gain(direction, sums.paid, sums.received) : null,
    fees: rounded(sums.fees, PLACES),
  };
}

/** A fill that is yet to be told. */
export function newFill(side: FillRow['side'], at: string): FillRow {
  return { side, at, was: '', price: '', quantity: '', fees: '' };
}

/** The fills of a trade as the form writes them. */
export function rowsOf(
  { executions, direction }: Pick<Trade, 'executions' | 'direction'>,
  zone: string,
): FillRow[] {
  return executions.map(({ side, quantity, price, at, fees }) => ({
    side: side === sideOf('in', direction) ? 'in' : 'out',
    at: clockIn(zone, new Date(at)),
    was: at,
    price: price ?? '',
    quantity,
    fees: sign(fees) === 0 ? '' : fees,
  }));
}

/** What is sent for rows of fills. */
export function executionsOf(
  rows: readonly FillRow[],
  direction: Direction,
  zone: string,
): NewExecution[] {
  return rows.map((row) => ({
    side: sideOf(row.side, direction),
    quantity: row.quantity,
    price: row.price,
    at: instantOf(row, zone) ?? '',
    fees: row.fees || '0',
  }));
}

/** The rows that are told so far; those that lack something do not count yet. */
export function fillsTold(rows: readonly FillRow[], zone: string): Fill[] {
  return rows.flatMap((row) => {
    const { side, price, quantity, fees } = row;
    const at = Date.parse(instantOf(row, zone) ?? '');
    const isTold = isDecimal(price) && isDecimal(quantity) && sign(quantity) > 0;
    if (!isTold || Number.isNaN(at)) return [];
    return [{ isEntry: side === 'in', at, price, quantity, fees: isDecimal(fees) ? fees : '0' }];
  });
}

/** Whether not more is out than was in, whatever the times. The server looks at those too. */
export function isOnePosition(rows: readonly FillRow[]): boolean {
  return compare(sumOf(rows, 'out'), sumOf(rows, 'in')) <= 0;
}

/** Whether a part of it is still open. */
export function isOpen(rows: readonly FillRow[]): boolean {
  return compare(sumOf(rows, 'out'), sumOf(rows, 'in')) < 0;
}

const sumOf = (rows: readonly FillRow[], side: FillRow['side']): string =>
  rows.reduce(
    (all, row) => (row.side === side && isDecimal(row.quantity) ? add(all, row.quantity) : all),
    '0',
  );

/**
 * Whether an entry and an exit of all of it say everything: nothing is lost when the
 * form tells size, prices and times once.
 */
export function isToldOnce({ executions }: Pick<Trade, 'executions'>): boolean {
  const [entry, exit, ...more] = executions;
  if (!entry || !exit) return true;
  return (
    more.length === 0 &&
    entry.side !== exit.side &&
    compare(entry.quantity, exit.quantity) === 0 &&
    // A fee that is told once goes with the exit.
    sign(entry.fees) === 0
  );
}

const sideOf = (side: FillRow['side'], direction: Direction): Side =>
  (side === 'in') === (direction === 'LONG') ? 'BUY' : 'SELL';

/** A time that is not touched keeps its seconds. */
function instantOf({ at, was }: FillRow, zone: string): string | null {
  if (was !== '' && clockIn(zone, new Date(was)) === at) return was;
  return momentOf(zone, at)?.toISOString() ?? null;
}
