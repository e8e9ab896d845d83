import { useQuery } from '@tanstack/react-query';
import type { GroupRisk } from '@/api/types';
import { groupRiskQuery } from '../queries';
import { CompletePill, GatePill } from './gate';
import { Freshness, StatusPill } from './status-pill';
import { WeakestSentence } from './weakest-sentence';

/** How a group is, in a card of the list of groups. Says nothing until it is known. */
export function GroupBrief({ groupId }: { groupId: string }) {
  const risk = useQuery(groupRiskQuery(groupId));
  if (!risk.data || risk.data.members.length === 0) return null;
  return (
    <Freshness receivedAt={risk.dataUpdatedAt}>
      <div className="flex flex-col gap-2 border-line border-b px-4 py-3">
        <Pills group={risk.data} />
        <WeakestSentence group={risk.data} />
      </div>
    </Freshness>
  );
}

/** Status, gate, and whether every member is known. */
export function Pills({ group }: { group: GroupRisk }) {
  return (
    <div className="flex flex-wrap items-center gap-2">
      <StatusPill status={group.overall_status} />
      <GatePill gate={group.gate} />
      <CompletePill group={group} />
    </div>
  );
}
