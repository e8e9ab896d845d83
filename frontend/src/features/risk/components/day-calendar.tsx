import { useQuery } from '@tanstack/react-query';
import { CalendarDays, ChevronLeft, ChevronRight, Table } from 'lucide-react';
import { type KeyboardEvent, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { AccountRisk, RiskDay } from '@/api/types';
import { MonthGrid, useMonthName } from '@/components/month-grid';
import { Card } from '@/components/page';
import { Failure, Loading } from '@/components/states';
import { Button, IconButton } from '@/components/ui/button';
import { monthsAfter } from '@/lib/calendar';
import { dayIn, daysAfter } from '@/lib/zone';
import { monthOfDaysQuery } from '../queries';
import { DayCell, DayDetail } from './day-cell';
import { DayTable } from './day-table';

/** The days of an account by its own clock: a month as a calendar, or all of them as a table. */
export function DayCalendar({ risk }: { risk: AccountRisk }) {
  const t = useTranslations('risk.days');
  const show = useTranslations('chart');
  const [isTable, setTable] = useState(false);
  const { account_id: accountId, currency } = risk;
  return (
    <Card
      title={t('title')}
      aside={
        <Button
          look="quiet"
          icon={isTable ? CalendarDays : Table}
          onClick={() => setTable(!isTable)}
        >
          {isTable ? t('showCalendar') : show('showTable')}
        </Button>
      }
      isFlush
    >
      {isTable ? <DayTable accountId={accountId} currency={currency} /> : <Month risk={risk} />}
    </Card>
  );
}

const STEPS: Record<string, number> = {
  ArrowLeft: -1,
  ArrowRight: 1,
  ArrowUp: -7,
  ArrowDown: 7,
};

/** Arrow keys go from day to day; over days without figures to the next that has some. */
function moveFocus(event: KeyboardEvent<HTMLElement>): void {
  const step = STEPS[event.key];
  const day = event.target instanceof HTMLElement ? event.target.dataset.day : undefined;
  if (step === undefined || !day) return;
  event.preventDefault();
  const month = day.slice(0, 7);
  for (let next = daysAfter(day, step); next.startsWith(month); next = daysAfter(next, step)) {
    const found = event.currentTarget.querySelector<HTMLElement>(`[data-day="${next}"]`);
    if (found) {
      found.focus();
      return;
    }
  }
}

function Month({ risk }: { risk: AccountRisk }) {
  const t = useTranslations('risk.days');
  const { account_id: accountId, currency, phase } = risk;
  const now = dayIn(phase?.day.tz ?? 'UTC', new Date()).slice(0, 7);
  const [month, setMonth] = useState(now);
  const [chosen, setChosen] = useState<string | null>(null);
  const days = useQuery(monthOfDaysQuery(accountId, month));
  const name = useMonthName()(month);
  // Of two phases that met, a day may be there twice: the later one is shown, the table has both.
  const byDate = new Map<string, RiskDay>();
  for (const day of [...(days.data?.items ?? [])].reverse()) byDate.set(day.label, day);
  const largest = Math.max(
    0,
    ...[...byDate.values()].map(({ change }) => Math.abs(Number(change))),
  );
  const go = (to: string) => {
    setMonth(to);
    setChosen(null);
  };
  const detail = chosen ? byDate.get(chosen) : undefined;
  return (
    <>
      <div className="flex items-center gap-1 px-2 py-1">
        <IconButton
          icon={ChevronLeft}
          label={t('previous')}
          onClick={() => go(monthsAfter(month, -1))}
        />
        <span aria-live="polite" className="min-w-36 text-center font-medium">
          {name}
        </span>
        <IconButton
          icon={ChevronRight}
          label={t('next')}
          aria-disabled={month >= now || undefined}
          onClick={() => month < now && go(monthsAfter(month, 1))}
        />
        {month !== now && (
          <Button look="quiet" onClick={() => go(now)}>
            {t('now')}
          </Button>
        )}
      </div>
      {days.isPending && <Loading rows={5} />}
      {days.isError && <Failure error={days.error} onRetry={() => void days.refetch()} />}
      {days.data && (
        // biome-ignore lint/a11y/noStaticElementInteractions: the days inside are what is pressed
        <div onKeyDown={moveFocus}>
          <MonthGrid month={month} label={name}>
            {(date) => (
              <DayCell
                date={date}
                day={byDate.get(date)}
                largest={largest}
                currency={currency}
                isChosen={date === chosen}
                onChoose={() => setChosen(date === chosen ? null : date)}
              />
            )}
          </MonthGrid>
        </div>
      )}
      {days.data && byDate.size === 0 && (
        <p className="border-line border-t px-4 py-3 text-muted">{t('none')}</p>
      )}
      {detail && <DayDetail day={detail} currency={currency} />}
    </>
  );
}
