import type { RiskStatus, RiskSummary } from '@/api/types';
import { compare } from '@/lib/decimal';

const RANK: Record<RiskStatus, number> = {
  violated: 5,
  critical: 4,
  stale: 3,
  unknown: 3,
  caution: 2,
  safe: 1,
  empty: 0,
};

/** Staleness never makes an account look better than it last was. */
const rank = ({ status, last_known_status }: RiskSummary): number =>
  Math.max(RANK[status], last_known_status ? RANK[last_known_status] : 0);

/** By how weak they are: the worse status first, then the smaller share left; what is not known comes before what is. */
export function byWeakness(a: RiskSummary, b: RiskSummary): number {
  const [left, right] = [a.weakest?.buffer_percent, b.weakest?.buffer_percent];
  const worse = rank(b) - rank(a);
  if (worse !== 0) return worse;
  if (left && right && compare(left, right) !== 0) return compare(left, right);
  if (!left !== !right) return left ? 1 : -1;
  return a.account_name.localeCompare(b.account_name);
}

export function weakestOf(accounts: readonly RiskSummary[]): RiskSummary | undefined {
  return [...accounts].sort(byWeakness)[0];
}

/** The first of several moments. */
export function earliest(moments: readonly (string | null | undefined)[]): string | null {
  const known = moments.flatMap((at) => at ?? []);
  return known.sort((a, b) => Date.parse(a) - Date.parse(b))[0] ?? null;
}
