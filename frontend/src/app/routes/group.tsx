import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Boxes } from 'lucide-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { useTopic } from '@/api/stream/react';
import type { Group } from '@/api/types';
import { Card, PageHeader } from '@/components/page';
import { Empty, Failure, Loading } from '@/components/states';
import { TimeZoneNote } from '@/components/time';
import { accountsQuery } from '@/features/accounts/queries';
import { GroupCard } from '@/features/groups/components/group-card';
import { groupsQuery } from '@/features/groups/queries';
import { GroupHead } from '@/features/risk/components/group-head';
import { GroupObjectives } from '@/features/risk/components/group-objectives';
import { GuardBanner } from '@/features/risk/components/guard-banner';
import { GroupGuardCard } from '@/features/risk/components/guards';
import { KindBars } from '@/features/risk/components/kind-bars';
import { GroupMarksCard } from '@/features/risk/components/marks-places';
import { MemberTable } from '@/features/risk/components/member-table';
import { RatesCard } from '@/features/risk/components/rates-card';
import { RequiredRulesCard } from '@/features/risk/components/required-rules';
import { Freshness } from '@/features/risk/components/status-pill';
import { WhatIfPanel } from '@/features/risk/components/what-if';
import { groupRiskQuery } from '@/features/risk/state-queries';
import { stopQuery } from '@/features/stop/queries';
import { useCopySettingsOf } from '../copy-settings-of';
import { NotFound } from '../page-states';
import { StopFlow } from '../stop';
import { useVenueNames } from '../venue-names';

const route = getRouteApi('/signed-in/groups/$groupId');

/** The risk board of one group. */
export function GroupPage() {
  const t = useTranslations();
  const { groupId } = route.useParams();
  const groups = useQuery(groupsQuery);
  useTopic(`group:${groupId}`);
  if (groups.isPending) return <Loading isPage rows={8} />;
  if (groups.isLoadingError)
    return <Failure isPage error={groups.error} onRetry={() => void groups.refetch()} />;
  const group = groups.data.items.find(({ id }) => id === groupId);
  if (!group) return <NotFound />;
  return (
    <>
      <p className="mb-2">
        <Link to="/groups" className="text-accent text-sm hover:underline">
          {t('risk.group.back')}
        </Link>
      </p>
      <PageHeader title={group.name} intro={t('risk.group.intro')} />
      {/* By id, so that no window of one group is left open over another. */}
      <Board key={groupId} group={group} />
      <div className="mt-4">
        <Members key={groupId} groupId={groupId} />
      </div>
      <TimeZoneNote />
    </>
  );
}

function Board({ group: own }: { group: Group }) {
  const t = useTranslations('risk.group');
  const { id: groupId, name } = own;
  const risk = useQuery(groupRiskQuery(groupId));
  if (risk.isPending) return <Loading isPage rows={6} />;
  if (risk.isLoadingError)
    return <Failure isPage error={risk.error} onRetry={() => void risk.refetch()} />;
  const group = risk.data;
  if (group.members.length === 0) {
    return (
      <Card isFlush>
        <Empty icon={Boxes} title={t('empty')} hint={t('emptyHint')} />
      </Card>
    );
  }
  return (
    <Freshness receivedAt={risk.dataUpdatedAt}>
      <GuardBanner
        place={{ scope: 'group', id: groupId, name }}
        state={group.guard}
        nameOf={(id) =>
          group.members.find(({ account_id }) => account_id === id)?.account_name ?? id
        }
      />
      <GroupHead group={group} />
      <div className="flex flex-col gap-4">
        <MemberTable group={group} />
        <div className="grid items-start gap-4 lg:grid-cols-2">
          <div className="flex min-w-0 flex-col gap-4">
            <KindBars group={group} />
            <GroupGuardCard group={own} risk={group} />
            <GroupMarksCard group={own} />
            <RatesCard risk={group} />
          </div>
          <div className="flex min-w-0 flex-col gap-4">
            <RequiredRulesCard group={own} risk={group} />
            <WhatIfPanel key={groupId} group={group} useSettingsOf={useCopySettingsOf} />
            <GroupObjectives group={group} />
          </div>
        </div>
      </div>
    </Freshness>
  );
}

/** Who is in the group, and what can be done with it. */
function Members({ groupId }: { groupId: string }) {
  const [isStopping, setStopping] = useState(false);
  const accounts = useVenueNames(useQuery(accountsQuery).data?.items ?? []);
  const stops = useQuery(stopQuery).data?.stops;
  const group = useQuery(groupsQuery).data?.items.find(({ id }) => id === groupId);
  if (!group) return null;
  return (
    <>
      <GroupCard
        group={group}
        accounts={accounts}
        isStopped={stops?.some(({ group_id }) => group_id === groupId)}
        onStop={() => setStopping(true)}
      />
      <StopFlow isAsking={isStopping} groupId={groupId} onClose={() => setStopping(false)} />
    </>
  );
}
