import { Link } from '@tanstack/react-router';
import { useFormatter, useTranslations } from 'use-intl';
import type { Stats } from '@/api/types';
import { Delta } from '@/components/figures';
import { Card } from '@/components/page';
import { add, sign } from '@/lib/decimal';
import { strength, weeksOf } from '../calendar';

type Day = Stats['days'][number];

/** Of the stronger colours only as much that text can be read on them. */
const SHADES = {
  positive: ['', 'bg-positive/8', 'bg-positive/14', 'bg-positive/20', 'bg-positive/28'],
  negative: ['', 'bg-negative/8', 'bg-negative/14', 'bg-negative/20', 'bg-negative/28'],
} as const;

interface CalendarMonthProps {
  /** Such as `2026-11`. */
  month: string;
  days: Day[];
  currency: string;
  account: string | undefined;
}

/** A month as weeks of days, coloured by what each brought. */
export function CalendarMonth({ month, days, currency, account }: CalendarMonthProps) {
  const t = useTranslations('stats.calendar');
  const format = useFormatter();
  const ofMonth = new Map(
    days.flatMap((day) => (day.date.startsWith(month) ? [[day.date, day] as const] : [])),
  );
  const results = [...ofMonth.values()];
  const largest = Math.max(0, ...results.map(({ pnl }) => Math.abs(Number(pnl ?? 0))));
  const total = results.reduce((sum, { pnl }) => add(sum, pnl ?? '0'), '0');
  const trades = results.reduce((sum, day) => sum + day.trades, 0);
  const title = format.dateTime(new Date(`${month}-01T00:00:00Z`), {
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  });
  return (
    <Card
      title={title}
      aside={
        <span className="mr-2">
          <Delta value={total} currency={currency} />
          <span className="ml-2 text-muted text-sm">{t('trades', { count: trades })}</span>
        </span>
      }
      isFlush
    >
      <table aria-label={title} className="w-full table-fixed border-collapse">
        <thead>
          <tr>
            {Array.from({ length: 7 }, (_, day) => new Date(Date.UTC(2026, 10, 2 + day))).map(
              (day) => (
                <th
                  key={day.getTime()}
                  scope="col"
                  className="py-2 text-center font-medium text-muted text-sm"
                >
                  {format.dateTime(day, { weekday: 'short', timeZone: 'UTC' })}
                </th>
              ),
            )}
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
                  {date && (
                    <DayCell
                      date={date}
                      day={ofMonth.get(date)}
                      largest={largest}
                      currency={currency}
                      account={account}
                    />
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
  );
}

interface DayCellProps {
  date: string;
  day: Day | undefined;
  largest: number;
  currency: string;
  account: string | undefined;
}

function DayCell({ date, day, largest, currency, account }: DayCellProps) {
  const t = useTranslations('stats.calendar');
  const format = useFormatter();
  const number = Number(date.slice(-2));
  if (!day) return <span className="figures block p-1.5 text-muted text-sm">{number}</span>;
  const isLoss = day.pnl !== null && sign(day.pnl) < 0;
  const shade = SHADES[isLoss ? 'negative' : 'positive'][strength(day.pnl, largest)];
  const amount = Number(day.pnl ?? 0);
  // A cell has room for a few digits; the page of the day has them all.
  const brief = format
    .number(amount, {
      notation: Math.abs(amount) >= 10_000 ? 'compact' : 'standard',
      maximumFractionDigits: Math.abs(amount) >= 100 ? 0 : 2,
      signDisplay: 'exceptZero',
    })
    .replace('-', '−');
  return (
    <Link
      to="/trades/days/$day"
      params={{ day: date }}
      search={account ? { account } : {}}
      aria-label={t('day', {
        date: format.dateTime(new Date(`${date}T00:00:00Z`), {
          dateStyle: 'long',
          timeZone: 'UTC',
        }),
        result: `${brief} ${currency}`,
        count: day.trades,
      })}
      className={`flex h-full flex-col gap-0.5 p-1.5 outline-offset-[-2px] hover:brightness-95 ${shade}`}
    >
      <span className="figures text-sm">{number}</span>
      {/* The sign is in the figure and in the tint, on which no coloured text can be read. */}
      <span className="figures truncate font-semibold text-ink text-xs sm:text-base">{brief}</span>
      <span className="figures truncate text-ink text-xs max-sm:hidden">
        {t('trades', { count: day.trades })}
      </span>
    </Link>
  );
}
