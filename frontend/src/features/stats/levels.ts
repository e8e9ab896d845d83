import type { Account } from '@/api/types';

type Levelled = Pick<Account, 'name' | 'capital_level'>;

/** Smallest capital level first, accounts of one level by their names; those without a level come last. */
export function byLevel<Row extends Levelled>(accounts: readonly Row[]): Row[] {
  return [...accounts].sort((a, b) => {
    const [size, other] = [sizeOf(a), sizeOf(b)];
    if (size !== other) return size - other;
    const words = Number.isFinite(size) ? 0 : byWords(a, b);
    return words || a.name.localeCompare(b.name);
  });
}

function byWords({ capital_level: one }: Levelled, { capital_level: other }: Levelled): number {
  return one && other ? one.localeCompare(other) : Number(!one) - Number(!other);
}

const UNITS: Record<string, number> = { '': 1, K: 1e3, M: 1e6 };

/** `50K` is 50,000. Words have no size and come after all that have one. */
function sizeOf({ capital_level: level }: Levelled): number {
  const [, digits, unit = ''] = /^\D*([\d.,]+)\s*([KM]?)/i.exec(level ?? '') ?? [];
  const size = Number(digits?.replaceAll(',', '')) * (UNITS[unit.toUpperCase()] ?? 1);
  return Number.isFinite(size) ? size : Number.POSITIVE_INFINITY;
}
