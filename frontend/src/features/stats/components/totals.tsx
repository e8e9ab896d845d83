import { useTranslations } from 'use-intl';
import type { Stats } from '@/api/types';
import { type Column, DataTable } from '@/components/data-table';
import { Delta, Money } from '@/components/figures';
import { Card } from '@/components/page';

type Total = Stats['totals'][number];

interface TotalsProps {
  totals: Total[];
  /** All figures of one of them. */
  onChoose?: (currency: string) => void;
  /** All of it is told in one currency as well. */
  isTold?: boolean;
}

/** What each currency brought, beside each other. */
export function Totals({ totals, onChoose, isTold = false }: TotalsProps) {
  const t = useTranslations('stats');
  const columns: Column<Total>[] = [
    {
      id: 'currency',
      header: t('totals.currency'),
      phone: 'title',
      cell: ({ currency }) =>
        onChoose === undefined ? (
          currency
        ) : (
          <button
            type="button"
            onClick={() => onChoose(currency)}
            className="rounded-[4px] font-medium text-accent hover:underline"
          >
            {currency}
          </button>
        ),
    },
    {
      id: 'trades',
      header: t('slices.trades'),
      align: 'right',
      phone: 'detail',
      cell: ({ trades }) => <span className="figures">{trades}</span>,
    },
    {
      id: 'won',
      header: t('slices.won'),
      align: 'right',
      phone: 'detail',
      cell: ({ wins, losses }) => (
        <span className="figures">
          {wins} : {losses}
        </span>
      ),
    },
    {
      id: 'balance',
      header: t('totals.balance'),
      align: 'right',
      phone: 'wide',
      cell: ({ balance, currency }) => <Money value={balance} currency={currency} />,
    },
    {
      id: 'pnl',
      header: t('slices.pnl'),
      align: 'right',
      phone: 'figure',
      cell: ({ total_pnl, currency }) => <Delta value={total_pnl} currency={currency} />,
    },
  ];
  return (
    <Card title={t('totals.title')} isFlush>
      <p className="px-4 pt-3 text-pretty text-muted">
        {t(isTold ? 'totals.told' : 'totals.note')}
      </p>
      <DataTable
        label={t('totals.title')}
        columns={columns}
        rows={totals}
        rowKey={({ currency }) => currency}
      />
    </Card>
  );
}
