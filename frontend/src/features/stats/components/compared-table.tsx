import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import type { StatsComparison } from '@/api/types';
import { type Column, DataTable } from '@/components/data-table';
import { Delta, Money, Percent, Ratio } from '@/components/figures';
import { VenueMark } from '@/components/venue-mark';

export type Compared = StatsComparison['items'][number];

interface ComparedTableProps {
  items: Compared[];
  /** How an account stands with its rules. */
  standing: (accountId: string) => ReactNode;
}

/** The figures of accounts, a row for each. */
export function ComparedTable({ items, standing }: ComparedTableProps) {
  const t = useTranslations('stats');
  const right = { align: 'right' } as const;
  const columns: Column<Compared>[] = [
    {
      id: 'name',
      header: t('filters.account'),
      phone: 'title',
      cell: ({ account_id, name, capital_level }) => (
        <span className="inline-flex flex-wrap items-center gap-x-2">
          {name}
          <VenueMark accountId={account_id} />
          {capital_level && <span className="text-muted text-sm">{capital_level}</span>}
        </span>
      ),
    },
    {
      id: 'start',
      header: t('compare.start'),
      ...right,
      phone: 'wide',
      cell: ({ stats }) => <Money value={stats.starting_balance} currency={stats.currency ?? ''} />,
    },
    {
      id: 'percent',
      header: t('compare.return'),
      ...right,
      phone: 'state',
      cell: ({ stats }) => <Percent value={stats.total_pnl_percent} />,
    },
    {
      id: 'pnl',
      header: t('slices.pnl'),
      ...right,
      phone: 'figure',
      cell: ({ stats }) => <Delta value={stats.total_pnl} currency={stats.currency ?? ''} />,
    },
    {
      id: 'drawdown',
      header: t('figures.drawdown.name'),
      ...right,
      phone: 'detail',
      cell: ({ stats }) => (
        <Named name={t('figures.drawdown.name')}>
          <Percent value={stats.max_drawdown?.percent ?? null} />
        </Named>
      ),
    },
    {
      id: 'winRate',
      header: t('figures.winRate.name'),
      ...right,
      phone: 'detail',
      cell: ({ stats }) => (
        <Named name={t('figures.winRate.name')}>
          <Percent value={stats.win_rate} />
        </Named>
      ),
    },
    {
      id: 'profitFactor',
      header: t('figures.profitFactor.name'),
      ...right,
      phone: 'wide',
      cell: ({ stats }) => <Ratio value={stats.profit_factor} />,
    },
    {
      id: 'expectancy',
      header: t('figures.expectancy.name'),
      ...right,
      phone: 'detail',
      cell: ({ stats }) => (
        <Named name={t('figures.expectancy.name')}>
          <Delta value={stats.expectancy} currency={stats.currency ?? ''} />
        </Named>
      ),
    },
    {
      id: 'standing',
      header: t('compare.standing'),
      phone: 'note',
      cell: ({ account_id }) => standing(account_id),
    },
  ];
  return (
    <DataTable
      label={t('compare.figures')}
      columns={columns}
      rows={items}
      rowKey={({ account_id }) => account_id}
      isWide
    />
  );
}

/** A figure whose column has no head on a phone. */
function Named({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <span aria-hidden className="spread:hidden">
        {name}{' '}
      </span>
      {children}
    </>
  );
}
