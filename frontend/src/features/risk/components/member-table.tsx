import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ArrowRight, Lock } from 'lucide-react';
import { Fragment } from 'react';
import { useTranslations } from 'use-intl';
import type { GroupRisk, RiskSummary } from '@/api/types';
import { Countdown } from '@/components/countdown';
import { type Column, DataTable } from '@/components/data-table';
import { Delta, Money, NoValue } from '@/components/figures';
import { Card } from '@/components/page';
import { Pill } from '@/components/pill';
import { Ago } from '@/components/time';
import { VenueMark } from '@/components/venue-mark';
import { templatesQuery } from '../queries';
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
      cell: (member) => <Name member={member} isWeakest={member.account_id === weakestId} />,
    },
    {
      id: 'status',
      header: t('status'),
      phone: 'state',
      cell: ({ status, last_known_status, as_of, stale }) => (
        <span className="inline-flex flex-wrap items-center gap-x-2 gap-y-0.5">
          <StatusPill status={status} lastKnown={last_known_status} />
          {as_of && (
            <span className={`text-xs ${stale ? 'text-stale' : 'text-muted'}`}>
              <Ago at={as_of} />
            </span>
          )}
        </span>
      ),
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

function Name({ member, isWeakest }: { member: RiskSummary; isWeakest: boolean }) {
  const t = useTranslations('risk.members');
  return (
    <span className="flex flex-col items-start gap-0.5">
      <span className="flex flex-wrap items-center gap-2">
        <Link
          to="/risk/$accountId"
          params={{ accountId: member.account_id }}
          className="font-medium text-accent [overflow-wrap:anywhere] hover:underline"
        >
          {member.account_name}
        </Link>
        <VenueMark accountId={member.account_id} />
        {isWeakest && (
          <Pill tone="accent" icon={ArrowRight}>
            {t('weakest')}
          </Pill>
        )}
      </span>
      <TemplateName id={member.template_id ?? null} />
      <CopiesFrom masters={member.copies_from} />
    </span>
  );
}

/** The firm and the programme whose rules it has. */
function TemplateName({ id }: { id: string | null }) {
  const templates = useQuery({ ...templatesQuery, enabled: id !== null });
  const found = templates.data?.templates.find((template) => template.id === id);
  if (!found) return null;
  return (
    <span className="font-normal text-muted text-xs [overflow-wrap:anywhere]">
      {found.firm} · {found.program}
    </span>
  );
}

/** Whose trades it copies; those of the user lead to their page. */
function CopiesFrom({ masters }: { masters: RiskSummary['copies_from'] }) {
  const t = useTranslations('risk.members');
  if (masters.length === 0) return null;
  return (
    <span className="font-normal text-muted text-xs [overflow-wrap:anywhere]">
      {t('copies')}{' '}
      {masters.map(({ account_id: accountId, name }, place) => (
        <Fragment key={accountId ?? name}>
          {place > 0 && ', '}
          {accountId ? (
            <Link
              to="/dashboard/$accountId"
              params={{ accountId }}
              className="underline underline-offset-2 hover:text-accent"
            >
              {name}
            </Link>
          ) : (
            name
          )}
        </Fragment>
      ))}
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
