import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useTranslations } from 'use-intl';
import { useTopic } from '@/api/stream/react';
import type { Account, AccountRisk } from '@/api/types';
import { Card, PageHeader } from '@/components/page';
import { Failure, Loading } from '@/components/states';
import { TimeZoneNote } from '@/components/time';
import { buttonClass } from '@/components/ui/button';
import { accountQuery } from '@/features/accounts/queries';
import { AccountTiles } from '@/features/risk/components/account-tiles';
import { AfterReset } from '@/features/risk/components/after-reset';
import { ClockNote } from '@/features/risk/components/clock-note';
import { CorrectionList } from '@/features/risk/components/correction-list';
import { DayCalendar } from '@/features/risk/components/day-calendar';
import { DistanceBar } from '@/features/risk/components/distance-bar';
import { EquityChart } from '@/features/risk/components/equity-chart';
import { Estimate } from '@/features/risk/components/estimate';
import { FirstSteps } from '@/features/risk/components/first-steps';
import { GuardBanner } from '@/features/risk/components/guard-banner';
import { AccountGuardCard } from '@/features/risk/components/guards';
import { AccountMarksCard } from '@/features/risk/components/marks-places';
import { Objectives } from '@/features/risk/components/objectives';
import { PhaseCard } from '@/features/risk/components/phase-card';
import { RuleList } from '@/features/risk/components/rule-card';
import { Freshness, StatusPill } from '@/features/risk/components/status-pill';
import { ViolationBanner, ViolationList } from '@/features/risk/components/violations';
import { accountRiskQuery } from '@/features/risk/state-queries';
import { meQuery } from '@/features/session/queries';
import { PageFailure } from '../page-states';
import { KeyMark, VenueBadge } from '../venue-badge';

const route = getRouteApi('/signed-in/risk/$accountId');

/** Every line of one account: how far it is, how that was made, what happened before. */
export function AccountRiskPage() {
  const { accountId } = route.useParams();
  const account = useQuery(accountQuery(accountId));
  const risk = useQuery(accountRiskQuery(accountId));
  useTopic(`account:${accountId}`);
  if (account.isPending || risk.isPending) return <Loading isPage rows={8} />;
  if (account.isLoadingError)
    return <PageFailure error={account.error} onRetry={() => void account.refetch()} />;
  if (risk.isLoadingError)
    return <Failure isPage error={risk.error} onRetry={() => void risk.refetch()} />;
  return (
    <Freshness key={accountId} receivedAt={risk.dataUpdatedAt}>
      <Head account={account.data} risk={risk.data} />
      <GuardBanner
        place={{ scope: 'account', id: accountId, name: account.data.name }}
        state={risk.data.guard}
        nameOf={() => account.data.name}
      />
      <ViolationBanner risk={risk.data} />
      <ClockNote risk={risk.data} />
      <FirstSteps risk={risk.data} account={account.data} />
      <Estimate risk={risk.data} account={account.data} />
      {risk.data.phase && <Body risk={risk.data} name={account.data.name} />}
      <TimeZoneNote />
    </Freshness>
  );
}

function Head({ account, risk }: { account: Account; risk: AccountRisk }) {
  const t = useTranslations('risk.account');
  return (
    <PageHeader
      title={t('title', { name: account.name })}
      intro={
        <div className="flex flex-wrap items-center gap-2">
          <StatusPill status={risk.status} lastKnown={risk.last_known_status} />
          <Gauge risk={risk} />
          <VenueBadge account={account} />
          <KeyMark account={account} />
        </div>
      }
      actions={
        <Link
          to="/dashboard/$accountId"
          params={{ accountId: account.id }}
          className={buttonClass('secondary')}
        >
          {t('toDashboard')}
        </Link>
      }
    />
  );
}

/** How much is left under the limit that decides, at a glance. */
function Gauge({ risk }: { risk: AccountRisk }) {
  const weakest = risk.rules.find(({ rule_id }) => rule_id === risk.weakest_rule_id);
  if (!weakest) return null;
  return (
    <div className="w-24">
      <DistanceBar percent={weakest.buffer_percent} status={weakest.status} />
    </div>
  );
}

function Body({ risk, name }: { risk: AccountRisk; name: string }) {
  const t = useTranslations('risk.account');
  const { account_id: accountId, currency } = risk;
  const me = useQuery(meQuery).data;
  return (
    <>
      <AccountTiles risk={risk} />
      <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_22rem]">
        <div className="flex min-w-0 flex-col gap-4">
          <Card title={t('limits')} isFlush>
            <RuleList risk={risk} />
          </Card>
          <EquityChart accountId={accountId} currency={currency} />
          <DayCalendar risk={risk} />
        </div>
        <div className="flex min-w-0 flex-col gap-4">
          <AfterReset risk={risk} />
          <AccountGuardCard risk={risk} name={name} />
          <Objectives risk={risk} />
          <PhaseCard risk={risk} />
          <AccountMarksCard accountId={accountId} name={name} />
          <CorrectionList risk={risk} />
          <ViolationList
            accountId={accountId}
            currency={currency}
            mayClear={me?.role === 'admin'}
          />
        </div>
      </div>
    </>
  );
}
