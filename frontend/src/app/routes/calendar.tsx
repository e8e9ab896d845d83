import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { ChevronLeft, ChevronRight } from 'lucide-react';
import { useTimeZone, useTranslations } from 'use-intl';
import { PageHeader } from '@/components/page';
import { Failure, Loading } from '@/components/states';
import { TimeZoneNote } from '@/components/time';
import { Button, IconButton } from '@/components/ui/button';
import { SelectField } from '@/components/ui/field';
import { accountsQuery } from '@/features/accounts/queries';
import { CalendarMonth } from '@/features/stats/components/calendar-month';
import { CountedNote, OfChosen } from '@/features/stats/components/counted';
import { Totals } from '@/features/stats/components/totals';
import { chosenAccounts, isAnybody, ofMonth } from '@/features/stats/filter';
import { statsQuery } from '@/features/stats/queries';
import type { CalendarSearch } from '@/features/stats/search';
import { monthsAfter } from '@/lib/calendar';
import { dayIn } from '@/lib/zone';
import { useCounted } from '../counted';
import { useVenueNames } from '../venue-names';

const route = getRouteApi('/signed-in/trades/calendar');

export function CalendarPage() {
  const t = useTranslations('stats');
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const zone = useTimeZone() ?? 'UTC';
  const read = useQuery(accountsQuery);
  const accounts = useVenueNames(read.data?.items ?? []);
  const counted = useCounted();
  const chosen = chosenAccounts(search, counted);
  const now = dayIn(zone, new Date()).slice(0, 7);
  const month = search.month ?? now;
  const stats = useQuery({
    ...statsQuery({ ...(chosen && { account_id: chosen }), ...ofMonth(month, zone) }),
    enabled: isAnybody(chosen),
  });
  const sameMonth = search.month ? { month: search.month } : {};
  const currencies = [...new Set(accounts.map(({ currency }) => currency))].sort();
  const show = (next: CalendarSearch) => void navigate({ search: next, replace: true });
  const { month: _, ...whose } = search;
  const go = (to: string) => show({ ...whose, ...(to !== now && { month: to }) });

  if (read.isLoadingError) {
    return <Failure isPage error={read.error} onRetry={() => void read.refetch()} />;
  }
  return (
    <>
      <PageHeader title={t('calendar.title')} intro={t('calendar.intro')} />
      <div className="mb-4 flex flex-wrap items-end gap-3">
        <div className="w-56 max-w-full">
          <SelectField
            label={t('filters.account')}
            value={search.account ?? ''}
            onChange={(event) => {
              const account = event.currentTarget.value;
              show({ ...(account && { account }), ...sameMonth });
            }}
            options={[
              { value: '', label: t('filters.all') },
              ...accounts.map(({ id, name }) => ({ value: id, label: name })),
            ]}
          />
        </div>
        {(currencies.length > 1 || search.currency !== undefined) && (
          <div className="w-32 max-w-full">
            <SelectField
              label={t('filters.currency')}
              value={search.currency ?? ''}
              onChange={(event) => {
                const currency = event.currentTarget.value;
                show({ ...(currency && { currency }), ...sameMonth });
              }}
              options={[
                { value: '', label: t('filters.all') },
                ...currencies.map((value) => ({ value, label: value })),
              ]}
            />
          </div>
        )}
        <div className="flex items-center">
          <IconButton
            icon={ChevronLeft}
            label={t('calendar.previous')}
            onClick={() => go(monthsAfter(month, -1))}
          />
          <Button onClick={() => go(now)}>{t('calendar.now')}</Button>
          <IconButton
            icon={ChevronRight}
            label={t('calendar.next')}
            onClick={() => go(monthsAfter(month, 1))}
          />
        </div>
      </div>
      {!search.account && <CountedNote counted={counted} />}
      <OfChosen chosen={chosen}>
        {/* Those of the month before would leave this one empty. */}
        {(stats.isPending || stats.isPlaceholderData) && <Loading rows={8} />}
        {stats.isError && <Failure error={stats.error} onRetry={() => void stats.refetch()} />}
        {stats.data &&
          !stats.isPlaceholderData &&
          (stats.data.currency === null && stats.data.trades > 0 ? (
            <Totals
              totals={stats.data.totals}
              onChoose={(currency) => show({ currency, ...sameMonth })}
            />
          ) : (
            <CalendarMonth
              month={month}
              days={stats.data.days}
              currency={stats.data.currency ?? ''}
              whose={whose}
            />
          ))}
      </OfChosen>
      <TimeZoneNote />
    </>
  );
}
