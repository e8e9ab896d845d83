import type { Stats } from '@/api/types';
import { add, compare, negated } from '@/lib/decimal';

type Point = Stats['curve'][number];
type Day = Stats['days'][number];

export interface CurvePoint {
  /** RFC 3339. */
  at: string;
  value: string;
  /** How far below the highest value so far; zero or less. */
  fall: string;
}

/**
 * The curve with its falls. A point stands for a stretch of trades: its fall is that
 * of its lowest value from the peak before, so that thinning hides none.
 */
export function withFalls(curve: readonly Point[], start: string): CurvePoint[] {
  let peak = start;
  return curve.map(({ at, value, low, high }) => {
    const lowest = add(low, negated(peak));
    if (compare(high, peak) > 0) peak = high;
    const now = add(value, negated(peak));
    const fall = [lowest, now].reduce((a, b) => (compare(a, b) <= 0 ? a : b));
    return { at, value, fall: compare(fall, '0') > 0 ? '0' : fall };
  });
}

export interface Drawable {
  time: number;
  value: number;
}

/** One point per second, the last one of it; a pixel needs no decimal. */
export function drawable(points: readonly { at: string; value: string }[]): Drawable[] {
  const bySecond = new Map<number, number>();
  for (const { at, value } of points)
    bySecond.set(Math.floor(Date.parse(at) / 1000), Number(value));
  return [...bySecond].map(([time, value]) => ({ time, value })).sort((a, b) => a.time - b.time);
}

export interface MonthRow {
  year: string;
  /** January first; null without trades. */
  months: (string | null)[];
  total: string;
}

/** Results by month, the newest year first. */
export function byMonth(days: readonly Day[]): MonthRow[] {
  const years = new Map<string, (string | null)[]>();
  for (const { date, pnl } of days) {
    if (pnl === null) continue;
    const [year = '', month = '1'] = date.split('-');
    const months = years.get(year) ?? Array<string | null>(12).fill(null);
    const place = Number(month) - 1;
    months[place] = add(months[place] ?? '0', pnl);
    years.set(year, months);
  }
  return [...years]
    .sort(([a], [b]) => b.localeCompare(a))
    .map(([year, months]) => ({
      year,
      months,
      total: months.reduce<string>((sum, month) => (month === null ? sum : add(sum, month)), '0'),
    }));
}
