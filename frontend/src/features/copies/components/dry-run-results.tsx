import { Ban, CircleCheck } from 'lucide-react';
import { useTranslations } from 'use-intl';
import type { DryRunFollower, DryRunResult } from '@/api/types';
import { type Column, DataTable } from '@/components/data-table';
import { Figure, NoValue } from '@/components/figures';
import { Pill } from '@/components/pill';
import { Side } from '@/components/side';
import { sign } from '@/lib/decimal';
import { CopyReason } from './copy-parts';

/** Each follower's answer to an order that was not sent. */
export function DryRunResults({ followers }: DryRunResult) {
  const t = useTranslations('dryRun');
  const columns = useColumns();
  const copied = followers.filter(({ is_copied }) => is_copied).length;
  return (
    <DataTable
      label={t('results')}
      columns={columns}
      rows={followers}
      rowKey={({ subscription_id }) => subscription_id}
      footer={t('count', { copied, all: followers.length })}
    />
  );
}

function useColumns(): Column<DryRunFollower>[] {
  const t = useTranslations('dryRun');
  return [
    {
      id: 'name',
      header: t('columns.name'),
      phone: 'title',
      cell: ({ name }) => <span className="font-medium [overflow-wrap:anywhere]">{name}</span>,
    },
    {
      id: 'order',
      header: t('columns.order'),
      phone: 'detail',
      cell: ({ side, symbol }) =>
        side && symbol ? (
          <span className="inline-flex gap-2">
            <Side side={side} /> {symbol}
          </span>
        ) : (
          <NoValue />
        ),
    },
    {
      id: 'lots',
      header: t('columns.lots'),
      align: 'right',
      phone: 'figure',
      cell: ({ lots }) => <Figure value={lots && sign(lots) > 0 ? lots : null} places={2} />,
    },
    {
      id: 'stops',
      header: t('columns.stops'),
      align: 'right',
      phone: 'wide',
      cell: ({ stop_loss, take_profit }) => (
        <span className="whitespace-nowrap text-muted">
          <Figure value={stop_loss} /> / <Figure value={take_profit} />
        </span>
      ),
    },
    {
      id: 'answer',
      header: t('columns.answer'),
      phone: 'state',
      // Of another owner's follower no order is told.
      cell: ({ is_copied, symbol }) => (
        <Pill tone={is_copied ? 'safe' : 'stale'} icon={is_copied ? CircleCheck : Ban}>
          {t(is_copied ? (symbol ? 'copied' : 'copiedIfFits') : 'notCopied')}
        </Pill>
      ),
    },
    {
      id: 'reason',
      header: t('columns.reason'),
      phone: 'below',
      cell: ({ reason, group }) =>
        reason ? <CopyReason reason={{ code: reason, text: group }} /> : null,
    },
  ];
}
