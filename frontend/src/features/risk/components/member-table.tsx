import { Lock } from 'lucide-react';
import { useTranslations } from 'use-intl';
import type { GroupRisk, RiskSummary } from '@/api/types';
import { Countdown } from '@/components/countdown';
import { type Column, DataTable } from '@/components/data-table';
import { Delta, Money, NoValue } from '@/components/figures';
import { Card } from '@/components/page';
import { Ago } from '@/components/time';
import { MemberName } from './member-name';
import { Room } from './room';
import { StatusPill } from './status-pill';

/** The accounts of a group, weakest first, and which of them is the weakest. */
export function MemberTable({ group }: { group: GroupRisk }) {
  const t = useTranslations('risk.members');
  const columns = useColumns(group.weakest_account_id ?? null);
  const isWeakest = ({ account_id }: RiskSummary) => account_id === group.weakest_account_id;
  // Of several that are as weak, the one that is named stands first.
  const rows = [...group.members].sort((a, b) => Number(isWeakest(b)) - Number(isWeakest(a)));
  return (
    <Card title={t('title')} isFlush>
      <DataTable
        isWide
        label={t('title')}
        columns={columns}
        rows={rows}
        rowKey={({ account_id }) => account_id}
      />
    </Card>
  );
}

function useColumns(weakestId: string | null): Column<RiskSummary>[] {
  const t = useTranslations('risk.members');
  return [
    {
      id: 'account',
      header: t('account'),
      phone: 'title',
      cell: (member) => <MemberName member={member} isWeakest={member.account_id === weakestId} />,
    },
    {
      id: 'status',
      header: t('status'),
      phone: 'state',
      cell: (member) => <MemberStatus member={member} />,
    },
    {
      id: 'equity',
      header: t('equity'),
      align: 'right',
      phone: 'wide',
      cell: (member) => (
        <span className={member.stale ? 'text-muted' : ''}>
          <Money value={member.equity} currency={member.currency} />
        </span>
      ),
    },
    {
      id: 'today',
      header: t('today'),
      align: 'right',
      phone: 'detail',
      cell: (member) =>
        member.stale ? (
          <span className="text-muted">
            <Money value={member.today} currency={member.currency} />
          </span>
        ) : (
          <Delta value={member.today} currency={member.currency} />
        ),
    },
    {
      id: 'daily',
      header: t('daily'),
      align: 'right',
      phone: 'wide',
      cell: (member) => <MemberRoom member={member} room={member.daily} />,
    },
    {
      id: 'total',
      header: t('total'),
      align: 'right',
      phone: 'wide',
      cell: (member) => <MemberRoom member={member} room={member.total} />,
    },
    {
      id: 'weakest',
      header: t('room'),
      align: 'right',
      phone: 'figure',
      cell: (member) => <MemberRoom member={member} room={member.weakest} />,
    },
    {
      id: 'reset',
      header: t('reset'),
      align: 'right',
      phone: 'detail',
      cell: ({ next_reset_at }) => (next_reset_at ? <Countdown at={next_reset_at} /> : <NoValue />),
    },
  ];
}

/** What a person typed in may be older than that without being old. */
function MemberStatus({ member }: { member: RiskSummary }) {
  const t = useTranslations('riskWords');
  const { status, last_known_status, as_of, stale, disconnected } = member;
  return (
    <span className="inline-flex flex-wrap items-center gap-x-2 gap-y-0.5">
      <StatusPill status={status} lastKnown={last_known_status} />
      {as_of && (
        <span className={`text-xs ${stale ? 'text-stale' : 'text-muted'}`}>
          <Ago at={as_of} />
        </span>
      )}
      {stale && disconnected && <span className="text-stale text-xs">{t('disconnected')}</span>}
    </span>
  );
}

function MemberRoom({ member, room }: { member: RiskSummary; room: RiskSummary['weakest'] }) {
  const t = useTranslations('risk.members');
  return (
    <span className={`inline-flex items-center gap-1.5 ${member.stale ? 'text-muted' : ''}`}>
      {room?.locked && (
        <span title={t('locked')} className="text-muted">
          <Lock aria-hidden size={12} />
          <span className="sr-only">{t('locked')}</span>
        </span>
      )}
      <Room room={room} currency={member.currency} />
    </span>
  );
}
