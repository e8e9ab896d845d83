import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { CalendarDays, Columns3 } from 'lucide-react';
import { useTimeZone, useTranslations } from 'use-intl';
import { PageHeader } from '@/components/page';
import { TimeZoneNote } from '@/components/time';
import { buttonClass } from '@/components/ui/button';
import { accountsQuery } from '@/features/accounts/queries';
import { groupsQuery } from '@/features/groups/queries';
import { StatsBody } from '@/features/stats/components/stats-body';
import { StatsFilters } from '@/features/stats/components/stats-filters';
import { chosenAccounts, statsFilterOf } from '@/features/stats/filter';
import type { StatsSearch } from '@/features/stats/search';
import { useVenueNames } from '../venue-names';

const route = getRouteApi('/signed-in/statistics');

export function StatisticsPage() {
  const t = useTranslations('stats');
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const zone = useTimeZone() ?? 'UTC';
  const accounts = useVenueNames(useQuery(accountsQuery).data?.items ?? []);
  const groups = useQuery(groupsQuery).data?.items ?? [];
  const chosen = chosenAccounts(search, accounts);
  const show = (next: StatsSearch) => void navigate({ search: next, replace: true });
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
      <StatsBody
        filter={{ ...statsFilterOf(search, zone), ...(chosen && { account_id: chosen }) }}
        onCurrency={(currency) => {
          const { account: _, group: __, ...others } = search;
          show({ ...others, currency });
        }}
      />
      <TimeZoneNote />
    </>
  );
}
