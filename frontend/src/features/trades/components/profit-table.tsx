import { useTranslations } from 'use-intl';
import { type Column, DataTable } from '@/components/data-table';
import { Delta } from '@/components/figures';
import { Moment } from '@/components/time';
import type { ProfitPoint } from '../profit';

interface ProfitTableProps {
  line: ProfitPoint[];
  currency: string;
}

/** The numbers of the profit line, newest first. */
export function ProfitTable({ line, currency }: ProfitTableProps) {
  const t = useTranslations();
  const columns: Column<ProfitPoint>[] = [
    {
      id: 'at',
      header: t('chart.closedAt'),
      phone: 'detail',
      cell: ({ at }) => <Moment at={at} format="full" />,
    },
    {
      id: 'symbol',
      header: t('trades.columns.symbol'),
      phone: 'title',
      cell: ({ symbol }) => symbol,
    },
    {
      id: 'result',
      header: t('chart.result'),
      align: 'right',
      phone: 'figure',
      cell: ({ result }) => <Delta value={result} currency={currency} />,
    },
    {
      id: 'total',
      header: t('chart.total'),
      align: 'right',
      phone: 'state',
      cell: ({ total }) => <Delta value={total} currency={currency} />,
    },
  ];
  return (
    <section
      className="max-h-96 overflow-y-auto"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      aria-label={t('chart.label', { currency })}
    >
      <DataTable
        label={t('chart.title')}
        columns={columns}
        rows={line.toReversed()}
        rowKey={({ tradeId }) => tradeId}
      />
    </section>
  );
}
