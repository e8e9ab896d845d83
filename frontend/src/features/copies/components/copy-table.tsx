import { Link } from '@tanstack/react-router';
import { CircleCheck, CopyCheck, ListX } from 'lucide-react';
import { useTranslations } from 'use-intl';
import type { Copy } from '@/api/types';
import { type Column, DataTable } from '@/components/data-table';
import { Delta, Figure } from '@/components/figures';
import { Side } from '@/components/side';
import { Empty, Failure, Loading } from '@/components/states';
import { Moment } from '@/components/time';
import { useCopies } from '../queries';
import { COPY_GROUPS, type CopyGroup } from '../states';
import { CopyPrice, CopyReason, CopySize, CopyStatePill, Limits } from './copy-parts';

const EMPTY_ICONS = { open: CopyCheck, closed: CircleCheck, missed: ListX } as const;

interface CopyTableProps {
  accountId: string;
  currency: string;
  group: CopyGroup;
}

/** A follower's copies: open, closed, or not made. */
export function CopyTable({ accountId, currency, group }: CopyTableProps) {
  const t = useTranslations('copies');
  const columns = useColumns(group, currency);
  const list = useCopies(accountId, COPY_GROUPS[group]);

  if (list.error) return <Failure error={list.error} onRetry={list.refetch} />;
  if (list.isPending) return <Loading />;
  if (list.copies.length === 0) {
    return (
      <Empty icon={EMPTY_ICONS[group]} title={t(`empty.${group}`)} hint={t(`empty.${group}Hint`)} />
    );
  }
  return (
    <DataTable
      label={t(`tabs.${group}`)}
      columns={columns.filter(({ id }) => isUsed(id, list.copies))}
      rows={list.copies}
      rowKey={(copy) => copy.id}
      isWide={group !== 'missed'}
      footer={list.hasMore ? t('newest', { count: list.copies.length }) : undefined}
    />
  );
}

/** A column without a single value is left out. */
function isUsed(column: string, copies: Copy[]): boolean {
  if (column === 'reason') return copies.some((copy) => copy.reason);
  if (column === 'floating') return copies.some((copy) => copy.floating_pnl);
  return true;
}

function useColumns(group: CopyGroup, currency: string): Column<Copy>[] {
  const t = useTranslations('copies.columns');
  const time: Column<Copy> = {
    id: 'time',
    header: t('time'),
    phone: 'detail',
    cell: (copy) => <Moment at={copy.created_at} />,
  };
  const trade: Column<Copy>[] = [
    {
      id: 'symbol',
      header: t('symbol'),
      phone: 'title',
      cell: (copy) => (
        <Link
          to="/copies/$copyId"
          params={{ copyId: copy.id }}
          className="font-medium text-accent hover:underline"
        >
          {copy.symbol}
        </Link>
      ),
    },
    { id: 'side', header: t('side'), phone: 'detail', cell: (copy) => <Side side={copy.side} /> },
    {
      id: 'size',
      header: t('size'),
      align: 'right',
      phone: 'detail',
      cell: (copy) => <CopySize copy={copy} />,
    },
  ];
  const state: Column<Copy> = {
    id: 'state',
    header: t('state'),
    phone: 'state',
    cell: (copy) => <CopyStatePill state={copy.state} />,
  };
  const reason: Column<Copy> = {
    id: 'reason',
    header: t('reason'),
    phone: group === 'missed' ? 'note' : 'below',
    cell: CopyReason,
  };
  const open: Column<Copy> = {
    id: 'open',
    header: t('open'),
    align: 'right',
    phone: 'wide',
    cell: (copy) => <CopyPrice copy={copy} />,
  };
  const close: Column<Copy> = {
    id: 'close',
    header: t('close'),
    align: 'right',
    phone: 'wide',
    cell: (copy) => <Figure value={copy.close_price} />,
  };
  const limits: Column<Copy> = {
    id: 'limits',
    header: t('limits'),
    align: 'right',
    phone: 'wide',
    cell: Limits,
  };
  const result: Column<Copy> = {
    id: group === 'open' ? 'floating' : 'result',
    header: t('result'),
    align: 'right',
    phone: 'figure',
    cell: (copy) => (
      <Delta value={group === 'open' ? copy.floating_pnl : copy.pnl} currency={currency} />
    ),
  };

  if (group === 'missed') return [...trade, time, state, reason];
  if (group === 'closed') return [...trade, open, close, time, state, result];
  return [...trade, open, limits, time, state, result, reason];
}
