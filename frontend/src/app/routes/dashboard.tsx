import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { useTranslations } from 'use-intl';
import { useTopic } from '@/api/stream/react';
import type { Account } from '@/api/types';
import { Money } from '@/components/figures';
import { PageHeader, Tile, Tiles } from '@/components/page';
import { Pill } from '@/components/pill';
import { Presence } from '@/components/presence';
import { Loading } from '@/components/states';
import { Ago, TimeZoneNote } from '@/components/time';
import { buttonClass } from '@/components/ui/button';
import { AccountMenu } from '@/features/accounts/components/account-menu';
import { RoleBadge } from '@/features/accounts/components/role-badge';
import { accountQuery } from '@/features/accounts/queries';
import { OpenCopiesTile } from '@/features/copies/components/open-copies-tile';
import { KeyState, LastCheck } from '@/features/exchange/components/key-state';
import { OpenTradesTile } from '@/features/trades/components/open-trades-tile';
import { FollowerDashboard, MasterDashboard } from '../dashboards';
import { PageFailure } from '../page-states';
import { VenueBadge } from '../venue-badge';

/** After the figures: most accounts have no rules. */
const AccountRoomLine = lazy(async () => {
  const { AccountRoomLine } = await import('@/features/risk/components/account-room');
  return { default: AccountRoomLine };
});

/** Most accounts copy or are copied. */
const JournalDashboard = lazy(async () => {
  const { JournalDashboard } = await import('../journal-dashboard');
  return { default: JournalDashboard };
});

const route = getRouteApi('/signed-in/dashboard/$accountId');

export function DashboardPage() {
  const { accountId } = route.useParams();
  const account = useQuery(accountQuery(accountId));
  useTopic(`account:${accountId}`);
  useTopic(`prices:${accountId}`);

  if (account.isPending) return <Loading isPage rows={8} />;
  if (account.isLoadingError)
    return <PageFailure error={account.error} onRetry={() => void account.refetch()} />;
  return (
    <>
      <Head account={account.data} />
      <Body account={account.data} />
      <TimeZoneNote />
    </>
  );
}

/** By id, so that nothing typed for one account is left when another is chosen. */
function Body({ account }: { account: Account }) {
  if (account.copy_role === 'master') return <MasterDashboard key={account.id} account={account} />;
  if (account.copy_role === 'follower')
    return <FollowerDashboard key={account.id} account={account} />;
  return (
    <Suspense fallback={<Loading rows={8} />}>
      <JournalDashboard key={account.id} account={account} />
    </Suspense>
  );
}

function Head({ account }: { account: Account }) {
  const t = useTranslations();
  const navigate = route.useNavigate();
  const { balance, equity, currency, figures_at } = account;
  const age = figures_at ? <Ago at={figures_at} /> : t('accounts.noFigures');
  return (
    <>
      <PageHeader
        title={account.name}
        intro={
          <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <RoleBadge role={account.copy_role} />
            {t(`accounts.platforms.${account.platform}`)}
            <VenueBadge account={account} />
            {!account.is_active && <Pill tone="caution">{t('accounts.inactive')}</Pill>}
          </span>
        }
        actions={
          <>
            <Link
              to="/risk/$accountId"
              params={{ accountId: account.id }}
              className={buttonClass('secondary')}
            >
              {t('riskWords.title')}
            </Link>
            <AccountMenu account={account} onArchived={() => void navigate({ to: '/accounts' })} />
          </>
        }
      />
      <Suspense fallback={null}>
        <AccountRoomLine accountId={account.id} />
      </Suspense>
      <Tiles>
        <Tile label={t('accounts.columns.presence')} hint={<LastCheck account={account} />}>
          <span className="text-base">
            {account.platform === 'bingx' ? (
              <KeyState account={account} />
            ) : (
              <Presence {...account} />
            )}
          </span>
        </Tile>
        <Tile label={t('dashboard.balance')} hint={age}>
          <Money value={balance} currency={currency} />
        </Tile>
        <Tile label={t('dashboard.equity')} hint={age}>
          <Money value={equity} currency={currency} />
        </Tile>
        <LastTile account={account} />
      </Tiles>
    </>
  );
}

/** How much is going on: copies of a follower, trades of the others. */
function LastTile({ account }: { account: Account }) {
  return account.copy_role === 'follower' ? (
    <OpenCopiesTile accountId={account.id} />
  ) : (
    <OpenTradesTile accountId={account.id} />
  );
}
