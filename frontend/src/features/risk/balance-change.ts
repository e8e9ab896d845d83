import { add, isDecimal, negated, sign } from '@/lib/decimal';

/** What may have changed a balance. */
export type Cause = 'trading' | 'deposit' | 'withdrawal' | 'payout';

/** By how much a typed balance differs from the one before; null: it does not, or nobody can say. */
export function changeOf(before: string | null, typed: string): string | null {
  if (before === null || !isDecimal(typed)) return null;
  const change = add(typed, negated(before));
  return sign(change) === 0 ? null : change;
}

/** What can have caused it: money that came in makes no balance smaller. */
export function causesOf(change: string): readonly Cause[] {
  return sign(change) > 0 ? ['trading', 'deposit'] : ['trading', 'withdrawal', 'payout'];
}

/** How much it was, without its direction. */
export function sizeOf(change: string): string {
  return sign(change) < 0 ? negated(change) : change;
}
