import { usePrefetchQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { ScrollText, Wallet } from 'lucide-react';
import { useDeferredValue } from 'react';
import { useTranslations } from 'use-intl';
import { Card, PageHeader } from '@/components/page';
import { Empty, Failure } from '@/components/states';
import { TimeZoneNote } from '@/components/time';
import { buttonClass } from '@/components/ui/button';
import { accountsQuery } from '@/features/accounts/queries';
import { useFleetAwaited } from '@/features/risk/fleet-awaited';
import { recentTradesQuery } from '@/features/trades/queries';
import { OverviewFleet } from '../overview-fleet';
import { FleetRoom } from '../overview-room';

const route = getRouteApi('/signed-in/');

export function OverviewPage() {
  const t = useTranslations('overview');
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const accounts = useQuery(accountsQuery);
  // All that the page shows is asked for at once.
  useFleetAwaited();
  usePrefetchQuery(recentTradesQuery);
  // Drawn in small pieces: the header answers in between.
  const items = useDeferredValue(accounts.data)?.items;
  if (accounts.isLoadingError)
    return <Failure isPage error={accounts.error} onRetry={() => void accounts.refetch()} />;
  return (
    <>
      <PageHeader
        title={t('title')}
        intro={t('intro')}
        actions={
          <>
            {items?.length !== 0 && (
              <Link to="/trades" search={{ add: true }} className={buttonClass('secondary')}>
                <ScrollText aria-hidden size={16} />
                {t('addTrade')}
              </Link>
            )}
            <Link to="/accounts" className={buttonClass('primary')}>
              <Wallet aria-hidden size={16} />
              {t('accounts')}
            </Link>
          </>
        }
      />
      {!items ? (
        <FleetRoom />
      ) : items.length === 0 ? (
        <Card isFlush>
          <Empty
            icon={Wallet}
            title={t('empty')}
            hint={t('emptyHint')}
            action={
              <Link to="/accounts" className={buttonClass('primary')}>
                {t('accounts')}
              </Link>
            }
          />
        </Card>
      ) : (
        <OverviewFleet
          accounts={items}
          currency={search.in}
          onCurrency={(currency) =>
            void navigate({ search: currency ? { in: currency } : {}, replace: true })
          }
        />
      )}
      <TimeZoneNote />
    </>
  );
}
