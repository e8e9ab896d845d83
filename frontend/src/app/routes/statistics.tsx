import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { CalendarDays, Columns3 } from 'lucide-react';
import { useTimeZone, useTranslations } from 'use-intl';
import { PageHeader } from '@/components/page';
import { Failure } from '@/components/states';
import { TimeZoneNote } from '@/components/time';
import { buttonClass } from '@/components/ui/button';
import { accountsQuery } from '@/features/accounts/queries';
import { groupsQuery } from '@/features/groups/queries';
import { CountedNote, OfChosen } from '@/features/stats/components/counted';
import { StatsBody } from '@/features/stats/components/stats-body';
import { StatsFilters } from '@/features/stats/components/stats-filters';
import { chosenAccounts, statsFilterOf } from '@/features/stats/filter';
import type { StatsSearch } from '@/features/stats/search';
import { useCounted } from '../counted';
import { useVenueNames } from '../venue-names';

const route = getRouteApi('/signed-in/statistics');

export function StatisticsPage() {
  const t = useTranslations('stats');
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const zone = useTimeZone() ?? 'UTC';
  const read = useQuery(accountsQuery);
  const accounts = useVenueNames(read.data?.items ?? []);
  const groups = useQuery(groupsQuery).data?.items ?? [];
  const counted = useCounted();
  const chosen = chosenAccounts(search, counted);
  const show = (next: StatsSearch) => void navigate({ search: next, replace: true });
  if (read.isLoadingError) {
    return <Failure isPage error={read.error} onRetry={() => void read.refetch()} />;
  }
  return (
    <>
      <PageHeader
        title={t('title')}
        intro={t('intro')}
        actions={
          <>
            <Link to="/trades/calendar" className={buttonClass('secondary')}>
              <CalendarDays aria-hidden size={16} />
              {t('calendar.title')}
            </Link>
            <Link to="/compare" className={buttonClass('secondary')}>
              <Columns3 aria-hidden size={16} />
              {t('compare.title')}
            </Link>
          </>
        }
      />
      <StatsFilters accounts={accounts} groups={groups} search={search} onChange={show} />
      {!search.account && !search.group && <CountedNote counted={counted} />}
      <OfChosen chosen={chosen}>
        <StatsBody
          filter={{ ...statsFilterOf(search, zone), ...(chosen && { account_id: chosen }) }}
          onCurrency={(currency) => {
            const { account: _, group: __, ...others } = search;
            show({ ...others, currency });
          }}
        />
      </OfChosen>
      <TimeZoneNote />
    </>
  );
}
