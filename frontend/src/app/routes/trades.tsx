import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { lazy } from 'react';
import { useTimeZone, useTranslations } from 'use-intl';
import { Later } from '@/components/later';
import { PageHeader } from '@/components/page';
import { TimeZoneNote } from '@/components/time';
import { buttonClass } from '@/components/ui/button';
import { accountsQuery } from '@/features/accounts/queries';
import { TradeFilters } from '@/features/trades/components/trade-filters';
import { TradeList } from '@/features/trades/components/trade-list';
import { filterOf } from '@/features/trades/filter';
import {
  FIRST_SORT,
  isNarrowed,
  present,
  readTradesSearch,
  type TradesSearch,
} from '@/features/trades/search';

const route = getRouteApi('/signed-in/trades');

/** With what a drawer needs, when somebody opens a trade. */
const TradeDrawer = lazy(async () => {
  const { TradeDrawer } = await import('@/features/trades/components/trade-drawer');
  return { default: TradeDrawer };
});

export function TradesPage() {
  const t = useTranslations('trades');
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const zone = useTimeZone() ?? 'UTC';
  const accounts = useQuery(accountsQuery).data?.items ?? [];
  const byId = new Map(accounts.map((each) => [each.id, each]));

  const show = (next: TradesSearch) => void navigate({ search: next, replace: true });
  const open = (trade: string | undefined) =>
    void navigate({ search: present({ ...search, trade }), resetScroll: false });
  return (
    <>
      <PageHeader title={t('title')} intro={t('intro')} />
      <TradeFilters accounts={accounts} search={search} onChange={show} />
      <TradeList
        accounts={byId}
        filter={filterOf(search, zone)}
        onOpen={({ id }) => open(id)}
        sorting={{
          by: search.sort ?? FIRST_SORT,
          onChange: (sort) => show(readTradesSearch({ ...search, sort })),
        }}
        isNarrowed={isNarrowed(search)}
        action={
          isNarrowed(search) && (
            <Link to="/trades" search={{}} className={buttonClass('secondary')}>
              {t('clear')}
            </Link>
          )
        }
      />
      <Later isWanted={search.trade !== undefined}>
        <TradeDrawer tradeId={search.trade} accounts={byId} onClose={() => open(undefined)} />
      </Later>
      <TimeZoneNote />
    </>
  );
}
