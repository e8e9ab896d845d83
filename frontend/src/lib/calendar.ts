import { daysAfter } from '@/lib/zone';

export interface Week {
  /** Its Monday. */
  id: string;
  /** Monday first; null where the day is of another month. */
  days: (string | null)[];
}

/** The weeks of a month such as `2026-11`. */
export function weeksOf(month: string): Week[] {
  const first = `${month}-01`;
  const offset = (new Date(`${first}T00:00:00Z`).getUTCDay() + 6) % 7;
  const monday = daysAfter(first, -offset);
  const weeks: Week[] = [];
  for (let start = monday; start.slice(0, 7) <= month; start = daysAfter(start, 7)) {
    const days = Array.from({ length: 7 }, (_, day) => daysAfter(start, day));
    weeks.push({ id: start, days: days.map((day) => (day.startsWith(month) ? day : null)) });
  }
  return weeks;
}

/** The month so many later. */
export function monthsAfter(month: string, count: number): string {
  const at = new Date(`${month}-01T00:00:00Z`);
  at.setUTCMonth(at.getUTCMonth() + count);
  return at.toISOString().slice(0, 7);
}

/** How strong a day's colour is, 1 to 4, beside the largest result of the page. 0: none. */
export function strength(pnl: string | null, largest: number): 0 | 1 | 2 | 3 | 4 {
  const size = Math.abs(Number(pnl ?? '0'));
  if (size === 0 || largest === 0) return 0;
  const part = size / largest;
  if (part > 0.75) return 4;
  if (part > 0.4) return 3;
  return part > 0.15 ? 2 : 1;
}
