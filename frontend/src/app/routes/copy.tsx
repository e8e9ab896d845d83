import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useTranslations } from 'use-intl';
import { Card, PageHeader } from '@/components/page';
import { Side } from '@/components/side';
import { Loading } from '@/components/states';
import { TimeZoneNote } from '@/components/time';
import { buttonClass } from '@/components/ui/button';
import { accountsQuery } from '@/features/accounts/queries';
import { CloseCopy } from '@/features/copies/components/close-copy';
import { CopyFacts } from '@/features/copies/components/copy-facts';
import { CopyLatency } from '@/features/copies/components/copy-latency';
import { CopyStatePill } from '@/features/copies/components/copy-parts';
import { CopyTiles } from '@/features/copies/components/copy-tiles';
import { Decision } from '@/features/copies/components/decision';
import { ReasonCard } from '@/features/copies/components/reason-card';
import { SizeExplained } from '@/features/copies/components/size-explained';
import { Timeline } from '@/features/copies/components/timeline';
import { VenueOrders } from '@/features/copies/components/venue-orders';
import { copyQuery } from '@/features/copies/queries';
import { PageFailure } from '../page-states';
import { KeyMark, VenueBadge } from '../venue-badge';

const route = getRouteApi('/signed-in/copies/$copyId');

export function CopyPage() {
  const t = useTranslations('copy');
  const { copyId } = route.useParams();
  const query = useQuery(copyQuery(copyId));
  const accounts = useQuery(accountsQuery);
  if (query.isPending) return <Loading isPage rows={8} />;
  if (query.isLoadingError)
    return <PageFailure error={query.error} onRetry={() => void query.refetch()} />;

  const copy = query.data;
  const follower = accounts.data?.items.find(({ id }) => id === copy.follower_account_id);
  return (
    <>
      <PageHeader
        title={t('title', { ticket: copy.master_ticket })}
        intro={
          <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <CopyStatePill state={copy.state} />
            <Side side={copy.side} />
            {t('subtitle', { symbol: copy.symbol, name: copy.follower_name })}
            {follower && <VenueBadge account={follower} />}
            {follower && <KeyMark account={follower} />}
          </span>
        }
        actions={
          <>
            {follower && (
              <Link
                to="/dashboard/$accountId"
                params={{ accountId: follower.id }}
                className={buttonClass('secondary')}
              >
                {t('toDashboard', { name: follower.name })}
              </Link>
            )}
            <CloseCopy key={copyId} copy={copy} />
          </>
        }
      />
      <ReasonCard copy={copy} />
      <Decision key={copyId} copy={copy} />
      <CopyTiles copy={copy} currency={follower?.currency ?? ''} />
      <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_22rem]">
        <div className="flex min-w-0 flex-col gap-4">
          <VenueOrders copy={copy} />
          <Card title={t('timeline')}>
            <Timeline events={copy.events} />
          </Card>
        </div>
        <div className="flex flex-col gap-4">
          <CopyLatency copy={copy} />
          <SizeExplained copy={copy} />
          <CopyFacts copy={copy} />
        </div>
      </div>
      <TimeZoneNote />
    </>
  );
}
