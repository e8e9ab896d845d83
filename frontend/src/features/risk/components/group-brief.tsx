import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import type { GroupRisk } from '@/api/types';
import { Money } from '@/components/figures';
import { groupRiskQuery } from '../state-queries';
import { CompletePill, GatePill } from './gate';
import { PercentLeft } from './room';
import { Freshness, StatusPill } from './status-pill';
import { WeakestSentence } from './weakest-sentence';

/** How a group is, in a card of the list of groups. Until it is known its room is kept: below stands what is pressed. */
export function GroupBrief({ groupId }: { groupId: string }) {
  const risk = useQuery(groupRiskQuery(groupId));
  if (risk.isLoading && !risk.isFetched)
    return <div aria-hidden className="h-28 border-line border-b" />;
  if (!risk.data || risk.data.members.length === 0) return null;
  return (
    <Freshness receivedAt={risk.dataUpdatedAt}>
      <div className="flex flex-col gap-2 border-line border-b px-4 py-3">
        <Pills group={risk.data} />
        <WeakestSentence group={risk.data} />
        <Smallest group={risk.data} />
      </div>
    </Freshness>
  );
}

/** The smallest share and the smallest amount that are left, each with its owner. */
function Smallest({ group }: { group: GroupRisk }) {
  const t = useTranslations('groups');
  const { min_percent, min_money, base_currency } = group;
  if (!min_percent && !min_money) return null;
  return (
    <p className="flex flex-wrap gap-x-4 gap-y-0.5 text-muted text-sm [overflow-wrap:anywhere]">
      {min_percent && (
        <span>
          {t.rich('leastShare', {
            account: min_percent.account_name ?? '',
            value: () => <PercentLeft value={min_percent.value} />,
          })}
        </span>
      )}
      {min_money && (
        <span>
          {t.rich('leastMoney', {
            account: min_money.account_name ?? '',
            value: () => <Money value={min_money.value} currency={base_currency} />,
          })}
        </span>
      )}
    </p>
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
