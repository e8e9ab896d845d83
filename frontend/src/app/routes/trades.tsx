import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useTranslations } from 'use-intl';
import type { TradeFilter } from '@/api/stream/apply';
import { PageHeader } from '@/components/page';
import { TimeZoneNote } from '@/components/time';
import { buttonClass } from '@/components/ui/button';
import { accountsQuery } from '@/features/accounts/queries';
import { TradeFilters } from '@/features/trades/components/trade-filters';
import { TradeList } from '@/features/trades/components/trade-list';

const route = getRouteApi('/signed-in/trades');

export function TradesPage() {
  const t = useTranslations('trades');
  const { account, status, symbol } = route.useSearch();
  const navigate = route.useNavigate();
  const accounts = useQuery(accountsQuery).data?.items ?? [];
  const isFiltered = Boolean(account || status || symbol);

  function narrow(filter: TradeFilter): void {
    const search = {
      ...(filter.account_id && { account: filter.account_id }),
      ...(filter.status && { status: filter.status }),
      ...(filter.symbol && { symbol: filter.symbol }),
    };
    void navigate({ search, replace: true });
  }

  const filter: TradeFilter = { account_id: account, status, symbol };
  return (
    <>
      <PageHeader title={t('title')} intro={t('intro')} />
      <TradeFilters accounts={accounts} filter={filter} onChange={narrow} />
      <TradeList
        accounts={new Map(accounts.map((each) => [each.id, each]))}
        filter={filter}
        clear={
          isFiltered && (
            <Link to="/trades" search={{}} className={buttonClass('secondary')}>
              {t('clear')}
            </Link>
          )
        }
      />
      <TimeZoneNote />
    </>
  );
}
