import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { ScrollText, Wallet } from 'lucide-react';
import { lazy, Suspense } from 'react';
import { useTranslations } from 'use-intl';
import { Card, PageHeader } from '@/components/page';
import { Empty, Failure, Loading } from '@/components/states';
import { TimeZoneNote } from '@/components/time';
import { buttonClass } from '@/components/ui/button';
import { accountsQuery } from '@/features/accounts/queries';

const route = getRouteApi('/signed-in/');

/** Fetched while the accounts are read. */
const fleet = import('../overview-fleet');
const Fleet = lazy(async () => ({ default: (await fleet).OverviewFleet }));

export function OverviewPage() {
  const t = useTranslations('overview');
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const accounts = useQuery(accountsQuery);
  if (accounts.isPending) return <Loading isPage rows={8} />;
  if (accounts.isLoadingError)
    return <Failure isPage error={accounts.error} onRetry={() => void accounts.refetch()} />;
  const { items } = accounts.data;
  return (
    <>
      <PageHeader
        title={t('title')}
        intro={t('intro')}
        actions={
          <>
            {items.length > 0 && (
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
      {items.length === 0 ? (
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
        <Suspense fallback={<Loading rows={8} />}>
          <Fleet
            accounts={items}
            currency={search.in}
            onCurrency={(currency) =>
              void navigate({ search: currency ? { in: currency } : {}, replace: true })
            }
          />
        </Suspense>
      )}
      <TimeZoneNote />
    </>
  );
}
