import { useTranslations } from 'use-intl';
import type { Trade } from '@/api/types';
import { type Column, DataTable } from '@/components/data-table';
import { Figure, Money } from '@/components/figures';
import { Side } from '@/components/side';
import { Moment } from '@/components/time';
import { mostDecimals } from '@/lib/decimal';

type Execution = Trade['executions'][number];

/** Entries and exits of a trade, oldest first. Of one without parts there is nothing more to say. */
export function Executions({ trade, currency }: { trade: Trade; currency: string }) {
  const t = useTranslations('trades');
  const { executions } = trade;
  if (executions.length === 0) return null;
  const places = mostDecimals(...executions.map(({ price }) => price));
  const columns: Column<Execution>[] = [
    { id: 'side', header: t('executions.side'), phone: 'title', cell: Side },
    {
      id: 'at',
      header: t('executions.at'),
      phone: 'detail',
      cell: ({ at }) => <Moment at={at} format="full" />,
    },
    {
      id: 'quantity',
      header: t('columns.quantity'),
      align: 'right',
      phone: 'state',
      cell: ({ quantity }) => <Figure value={quantity} />,
    },
    {
      id: 'price',
      header: t('executions.price'),
      align: 'right',
      phone: 'figure',
      cell: ({ price }) => <Figure value={price} places={places} />,
    },
    {
      id: 'fees',
      header: t('detail.fees'),
      align: 'right',
      phone: 'wide',
      cell: ({ fees }) => <Money value={fees} currency={currency} />,
    },
  ];
  return (
    <section aria-label={t('executions.title')}>
      <h3 className="mb-1 font-semibold">{t('executions.title')}</h3>
      <div className="rounded-card border border-line">
        <DataTable
          label={t('executions.title')}
          columns={columns}
          rows={executions}
          rowKey={(execution) => `${executions.indexOf(execution)}`}
        />
      </div>
    </section>
  );
}
