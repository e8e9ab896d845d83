import { getRouteApi } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { useTranslations } from 'use-intl';
import type { Account } from '@/api/types';
import { Card } from '@/components/page';
import { Loading } from '@/components/states';
import { AdoptSwitch } from '@/features/accounts/components/choice-switch';
import { Credentials } from '@/features/accounts/components/credentials';
import { EaGuide } from '@/features/accounts/components/ea-guide';
import { Listing } from '@/features/accounts/components/listing';
import { ModeSwitcher } from '@/features/accounts/components/mode-switcher';
import type { CopyNarrowing } from '@/features/copies/components/copy-filters';
import { CopyTabs } from '@/features/copies/components/copy-tabs';
import { DryRun } from '@/features/copies/components/dry-run';
import { Followers } from '@/features/copies/components/followers';
import { Follows } from '@/features/copies/components/follows';
import { MasterTabs } from '@/features/copies/components/master-tabs';
import { Quarantine } from '@/features/copies/components/quarantine';
import { ConnectionBrief } from '@/features/exchange/components/connection-brief';
import { ContractFinder } from '@/features/exchange/components/contract-finder';
import { Positions } from '@/features/exchange/components/positions';
import { GroupOfMaster } from '@/features/groups/components/group-of-master';
import { CopyPolicyNote } from '@/features/risk/components/copy-policy';
import { ClosedTrades } from '@/features/trades/components/closed-trades';
import { OpenTrades } from '@/features/trades/components/open-trades';
import { ProfitChart } from '@/features/trades/components/profit-chart';
import { isVenue } from '@/lib/venues';
import { type DashboardTab, isFollowerTab, isMasterTab } from './search';

/** When its tab is chosen. */
const SettingsTab = lazy(async () => {
  const { SettingsTab } = await import('@/features/copies/components/settings-tab');
  return { default: SettingsTab };
});

const route = getRouteApi('/signed-in/dashboard/$accountId');

interface DashboardProps {
  account: Account;
}

/** Two columns where there is room: what happens, and what can be set. */
const COLUMNS = 'grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_22rem]';
const COLUMN = 'flex min-w-0 flex-col gap-4';

export function MasterDashboard({ account }: DashboardProps) {
  const navigate = route.useNavigate();
  const { tab, narrowing, goTo, narrow } = useDashboardSearch();
  return (
    <div className={COLUMNS}>
      <div className={COLUMN}>
        {isVenue(account) && <Positions account={account} />}
        <OpenTrades account={account} />
        <ProfitChart accountId={account.id} currency={account.currency} />
        <Followers
          accountId={account.id}
          action={
            <GroupOfMaster
              master={account}
              onCreated={(groupId) =>
                void navigate({ to: '/groups/$groupId', params: { groupId } })
              }
            />
          }
        />
        <MasterTabs
          accountId={account.id}
          currency={account.currency}
          tab={isMasterTab(tab) ? tab : 'signals'}
          narrowing={narrowing}
          onChange={(next) => goTo(next === 'signals' ? undefined : next)}
          onNarrow={narrow}
          whatIf={<DryRun accountId={account.id} />}
        />
        <ClosedTrades account={account} />
      </div>
      <div className={COLUMN}>
        <ModeSwitcher account={account} />
        <Listing account={account} />
        <Credentials account={account} />
        <Access account={account} />
      </div>
    </div>
  );
}

export function FollowerDashboard({ account }: DashboardProps) {
  const { tab, narrowing, goTo, narrow } = useDashboardSearch();
  return (
    <div className="flex flex-col gap-4">
      <CopyTabs
        accountId={account.id}
        currency={account.currency}
        tab={isFollowerTab(tab) ? tab : 'open'}
        narrowing={narrowing}
        onChange={(next) => goTo(next === 'open' ? undefined : next)}
        onNarrow={narrow}
        quarantine={<Quarantine accountId={account.id} />}
        settings={
          <>
            <Suspense fallback={<Loading rows={6} />}>
              <SettingsTab
                accountId={account.id}
                isVenue={isVenue(account)}
                contracts={(onChoose) => (
                  <ContractFinder accountId={account.id} onChoose={onChoose} />
                )}
              />
            </Suspense>
            <div className="border-line border-t p-4">
              <AdoptSwitch account={account} />
            </div>
          </>
        }
      />
      <div className={COLUMNS}>
        <div className={COLUMN}>
          {isVenue(account) && <Positions account={account} />}
          <Follows
            account={account}
            isVenue={isVenue(account)}
            note={<CopyPolicyNote accountId={account.id} />}
          />
          <ProfitChart accountId={account.id} currency={account.currency} />
        </div>
        <div className={COLUMN}>
          {!isVenue(account) && <Credentials account={account} />}
          <Access account={account} />
        </div>
      </div>
    </div>
  );
}

/** Tab and filters live in the address, so that a page can be shared and the way back works. */
function useDashboardSearch() {
  const { tab, ...narrowing } = route.useSearch();
  const navigate = route.useNavigate();
  return {
    tab,
    narrowing,
    goTo: (next: DashboardTab | undefined) =>
      void navigate({ search: next ? { tab: next } : {}, replace: true }),
    narrow: ({ state, reason, symbol }: CopyNarrowing) =>
      void navigate({
        search: {
          ...(tab && { tab }),
          ...(state && { state }),
          ...(reason && { reason }),
          ...(symbol && { symbol }),
        },
        replace: true,
      }),
  };
}

/** How an account is reached: its exchange, or its terminal. */
function Access({ account }: DashboardProps) {
  const t = useTranslations('dashboard');
  if (isVenue(account)) return <ConnectionBrief account={account} />;
  return (
    <Card title={t('guide')}>
      <EaGuide {...account} />
    </Card>
  );
}
