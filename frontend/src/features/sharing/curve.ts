import type { SharedFigures } from '@/api/types';
import { add } from '@/lib/decimal';

export type Curve = NonNullable<SharedFigures['curve']>;
type Point = Curve[number];

/** Whether a curve is told in parts of its start: where that is known for all of it. */
export const isRelative = (curve: Curve): boolean =>
  curve.every(({ of_start: part }) => part !== null);

/** How far a point is from the start, as a fraction; null where the start is not known. */
export function changeOf({ of_start: part }: Point): string | null {
  return part === null ? null : add(part, '-1');
}

/** What is drawn, one point per second, the last one of it; a pixel needs no decimal. */
export function drawnOf(curve: Curve): { time: number; value: number }[] {
  const relative = isRelative(curve);
  const bySecond = new Map<number, number>();
  for (const point of curve) {
    const value = relative ? Number(changeOf(point)) * 100 : Number(point.value);
    bySecond.set(Math.floor(Date.parse(point.at) / 1000), value);
  }
  return [...bySecond].map(([time, value]) => ({ time, value })).sort((a, b) => a.time - b.time);
}
