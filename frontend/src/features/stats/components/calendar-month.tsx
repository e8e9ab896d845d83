import { Link } from '@tanstack/react-router';
import { useFormatter, useTranslations } from 'use-intl';
import type { Stats } from '@/api/types';
import { Delta } from '@/components/figures';
import { MonthGrid, shadeOf, useBriefAmount, useMonthName } from '@/components/month-grid';
import { Card } from '@/components/page';
import { strength } from '@/lib/calendar';
import { add, sign } from '@/lib/decimal';
import type { DaySearch } from '../search';

type Day = Stats['days'][number];

interface CalendarMonthProps {
  /** Such as `2026-11`. */
  month: string;
  days: Day[];
  currency: string;
  /** Whose days they are. */
  whose: DaySearch;
}

/** A month as weeks of days, coloured by what each brought. */
export function CalendarMonth({ month, days, currency, whose }: CalendarMonthProps) {
  const t = useTranslations('stats.calendar');
  const ofMonth = new Map(
    days.flatMap((day) => (day.date.startsWith(month) ? [[day.date, day] as const] : [])),
  );
  const results = [...ofMonth.values()];
  const largest = Math.max(0, ...results.map(({ pnl }) => Math.abs(Number(pnl ?? 0))));
  const total = results.reduce((sum, { pnl }) => add(sum, pnl ?? '0'), '0');
  const trades = results.reduce((sum, day) => sum + day.trades, 0);
  const title = useMonthName()(month);
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
      <MonthGrid month={month} label={title}>
        {(date) => (
          <DayCell
            date={date}
            day={ofMonth.get(date)}
            largest={largest}
            currency={currency}
            whose={whose}
          />
        )}
      </MonthGrid>
    </Card>
  );
}

interface DayCellProps {
  date: string;
  day: Day | undefined;
  largest: number;
  currency: string;
  whose: DaySearch;
}

function DayCell({ date, day, largest, currency, whose }: DayCellProps) {
  const t = useTranslations('stats.calendar');
  const format = useFormatter();
  const write = useBriefAmount();
  const number = Number(date.slice(-2));
  if (!day) return <span className="figures block p-1.5 text-muted text-sm">{number}</span>;
  const isLoss = day.pnl !== null && sign(day.pnl) < 0;
  // A cell has room for a few digits; the page of the day has them all.
  const brief = write(day.pnl);
  return (
    <Link
      to="/trades/days/$day"
      params={{ day: date }}
      search={whose}
      aria-label={t('day', {
        date: format.dateTime(new Date(`${date}T00:00:00Z`), {
          dateStyle: 'long',
          timeZone: 'UTC',
        }),
        result: `${brief} ${currency}`,
        count: day.trades,
      })}
      className={`flex h-full flex-col gap-0.5 p-1.5 outline-offset-[-2px] hover:brightness-95 ${shadeOf(isLoss, strength(day.pnl, largest))}`}
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
