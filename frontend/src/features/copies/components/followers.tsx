import { useQuery } from '@tanstack/react-query';
import { Users } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import type { Follower } from '@/api/types';
import { type Column, DataTable } from '@/components/data-table';
import { NoValue } from '@/components/figures';
import { Card } from '@/components/page';
import { Pill } from '@/components/pill';
import { Presence } from '@/components/presence';
import { Empty, Failure, Loading } from '@/components/states';
import { VenueMark } from '@/components/venue-mark';
import { useMs } from '../latency';
import { followersQuery } from '../queries';
import { FollowerActions } from './follower-actions';
import { STATE_ICONS } from './subscription-state';

interface FollowersProps {
  accountId: string;
  /** What can be done with them, once there are any. */
  action: ReactNode;
}

/** Who follows a master, and whether they are connected. */
export function Followers({ accountId, action }: FollowersProps) {
  const t = useTranslations('followers');
  const columns = useColumns(accountId);
  const followers = useQuery(followersQuery(accountId));
  return (
    <Card title={t('title')} aside={followers.data?.items.length ? action : undefined} isFlush>
      {followers.isPending && <Loading rows={2} />}
      {followers.isError && (
        <Failure error={followers.error} onRetry={() => void followers.refetch()} />
      )}
      {followers.data?.items.length === 0 && (
        <Empty icon={Users} title={t('empty')} hint={t('emptyHint')} />
      )}
      {followers.data && followers.data.items.length > 0 && (
        <DataTable
          label={t('title')}
          columns={columns}
          rows={followers.data.items}
          rowKey={(follower) => follower.subscription_id}
        />
      )}
    </Card>
  );
}

/** `42 / 118 ms`: what half and what nearly all of the last copies took. */
function Lag({ lag }: { lag: Follower['lag_ms'] }) {
  const t = useTranslations('followers');
  const ms = useMs();
  if (!lag) return <NoValue />;
  const values = { p50: ms(lag.p50), p99: ms(lag.p99), count: lag.copies };
  return (
    <span className="figures whitespace-nowrap" title={t('lagSpoken', values)}>
      <span aria-hidden>
        {values.p50} <span className="text-muted">/ {values.p99}</span>
      </span>
      <span className="sr-only">{t('lagSpoken', values)}</span>
    </span>
  );
}

function useColumns(accountId: string): Column<Follower>[] {
  const t = useTranslations();
  return [
    {
      id: 'name',
      header: t('followers.columns.name'),
      phone: 'title',
      cell: ({ name, account_id }) => (
        <span className="inline-flex flex-wrap items-center gap-2">
          <span className="font-medium [overflow-wrap:anywhere]">{name}</span>
          {account_id && <VenueMark accountId={account_id} showsKey />}
        </span>
      ),
    },
    {
      id: 'presence',
      header: t('followers.columns.presence'),
      phone: 'detail',
      // The master's owner may not know since when: only whether.
      cell: ({ online }) => <Presence online={online} isBrief />,
    },
    {
      id: 'state',
      header: t('followers.columns.state'),
      phone: 'state',
      cell: ({ state }) => (
        <Pill tone={state === 'active' ? 'safe' : 'caution'} icon={STATE_ICONS[state]}>
          {t(`follow.states.${state}`)}
        </Pill>
      ),
    },
    {
      id: 'open',
      header: t('followers.columns.open'),
      align: 'right',
      phone: 'wide',
      cell: ({ open_copies }) => <span className="figures">{open_copies}</span>,
    },
    {
      id: 'lag',
      header: <span title={t('followers.lagHint')}>{t('followers.columns.lag')}</span>,
      align: 'right',
      phone: 'detail',
      cell: ({ lag_ms }) => <Lag lag={lag_ms} />,
    },
    {
      id: 'actions',
      header: <span className="sr-only">{t('followers.columns.actions')}</span>,
      align: 'right',
      phone: 'figure',
      cell: (follower) => <FollowerActions accountId={accountId} follower={follower} />,
    },
  ];
}
