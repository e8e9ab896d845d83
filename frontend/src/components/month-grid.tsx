import type { ReactNode } from 'react';
import { useFormatter } from 'use-intl';
import { weeksOf } from '@/lib/calendar';

/** Of the stronger colours only as much that text can be read on them. */
const SHADES = {
  positive: ['', 'bg-positive/8', 'bg-positive/14', 'bg-positive/20', 'bg-positive/28'],
  negative: ['', 'bg-negative/8', 'bg-negative/14', 'bg-negative/20', 'bg-negative/28'],
} as const;

/** How a day is tinted: by its sign, and so strongly. */
export const shadeOf = (isLoss: boolean, strength: 0 | 1 | 2 | 3 | 4): string =>
  SHADES[isLoss ? 'negative' : 'positive'][strength];

/** A month such as `2026-11` in words. */
export function useMonthName(): (month: string) => string {
  const format = useFormatter();
  return (month) =>
    format.dateTime(new Date(`${month}-01T00:00:00Z`), {
      month: 'long',
      year: 'numeric',
      timeZone: 'UTC',
    });
}

/** A result in the few digits that a cell has room for. */
export function useBriefAmount(): (amount: string | null) => string {
  const format = useFormatter();
  return (text) => {
    const amount = Number(text ?? 0);
    return format
      .number(amount, {
        notation: Math.abs(amount) >= 10_000 ? 'compact' : 'standard',
        maximumFractionDigits: Math.abs(amount) >= 100 ? 0 : 2,
        signDisplay: 'exceptZero',
      })
      .replace('-', '−');
  };
}

interface MonthGridProps {
  /** Such as `2026-11`. */
  month: string;
  label: string;
  /** What stands in the cell of a day. */
  children: (date: string) => ReactNode;
}

/** A month as weeks of days. */
export function MonthGrid({ month, label, children }: MonthGridProps) {
  const format = useFormatter();
  const weekdays = Array.from({ length: 7 }, (_, day) => new Date(Date.UTC(2026, 10, 2 + day)));
  return (
    <table aria-label={label} className="w-full table-fixed border-collapse">
      <thead>
        <tr>
          {weekdays.map((day) => (
            <th
              key={day.getTime()}
              scope="col"
              className="py-2 text-center font-medium text-muted text-sm"
            >
              {format.dateTime(day, { weekday: 'short', timeZone: 'UTC' })}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {weeksOf(month).map((week) => (
          <tr key={week.id} className="border-line border-t">
            {week.days.map((date, at) => (
              <td
                key={date ?? `${week.id}-${at}`}
                className="h-16 border-line border-l p-0 align-top first:border-l-0 sm:h-20"
              >
                {date && children(date)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
