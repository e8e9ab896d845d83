import { useTranslations } from 'use-intl';
import type { SharedPosition, SharedTrade } from '@/api/types';
import { type Column, DataTable } from '@/components/data-table';
import { DatedMoment } from '@/components/dated-moment';
import { Delta, Figure, Multiple, NoValue, Percent } from '@/components/figures';
import { Side } from '@/components/side';

/** Rows have no identifiers here: they are told apart by where they stand. */
type Placed<Row> = Row & { place: number };

const placed = <Row,>(rows: Row[]): Placed<Row>[] => rows.map((row, place) => ({ ...row, place }));
const placeOf = ({ place }: { place: number }): string => String(place);

/** What closed trades and positions have in common. */
function useCommonColumns(): Column<SharedPosition>[] {
  const t = useTranslations('shares.page');
  return [
    {
      id: 'symbol',
      header: t('symbol'),
      phone: 'title',
      cell: ({ symbol }) => <span className="font-medium">{symbol}</span>,
    },
    {
      id: 'side',
      header: t('side'),
      phone: 'state',
      cell: ({ direction }) => <Side side={direction === 'LONG' ? 'BUY' : 'SELL'} />,
    },
  ];
}

export function SharedPositions({ positions }: { positions: SharedPosition[] }) {
  const t = useTranslations('shares');
  const common = useCommonColumns();
  if (positions.length === 0) return <p className="p-4 text-muted">{t('page.noPositions')}</p>;
  const columns: Column<Placed<SharedPosition>>[] = [
    ...common,
    {
      id: 'opened',
      header: t('page.opened'),
      phone: 'detail',
      cell: ({ entry_at: at }) => <DatedMoment at={at} />,
    },
    {
      id: 'entry',
      header: t('page.entry'),
      align: 'right',
      phone: 'figure',
      cell: ({ entry_price: price }) => <Figure value={price} />,
    },
  ];
  return (
    <DataTable
      label={t('sections.positions')}
      columns={columns}
      rows={placed(positions)}
      rowKey={placeOf}
    />
  );
}

export function SharedTrades({ trades, isMoney }: { trades: SharedTrade[]; isMoney: boolean }) {
  const t = useTranslations('shares');
  const columns = useTradeColumns(isMoney);
  if (trades.length === 0) return <p className="p-4 text-muted">{t('page.noTrades')}</p>;
  return (
    <DataTable
      isWide
      label={t('sections.trades')}
      columns={columns}
      rows={placed(trades)}
      rowKey={placeOf}
    />
  );
}

function useTradeColumns(isMoney: boolean): Column<Placed<SharedTrade>>[] {
  const t = useTranslations('shares.page');
  const common = useCommonColumns();
  const columns: Column<Placed<SharedTrade>>[] = [
    ...common,
    {
      id: 'closed',
      header: t('closed'),
      phone: 'detail',
      cell: ({ exit_at: at }) => (at === null ? <NoValue /> : <DatedMoment at={at} />),
    },
    price('entry', t('entry'), ({ entry_price: entry }) => entry),
    price('exit', t('exit'), ({ exit_price: exit }) => exit),
    {
      id: 'r',
      header: t('r'),
      align: 'right',
      phone: 'wide',
      cell: ({ r_multiple: r }) => (r === null ? <NoValue /> : <Multiple value={r} />),
    },
    {
      id: 'percent',
      header: t('percent'),
      align: 'right',
      phone: 'figure',
      cell: ({ of_start: part }) => <Percent value={part} places={2} />,
    },
  ];
  if (!isMoney) return columns;
  return [
    ...columns,
    price('quantity', t('quantity'), ({ quantity }) => quantity),
    {
      id: 'pnl',
      header: t('pnl'),
      align: 'right',
      phone: 'detail',
      cell: ({ pnl, currency }) => <Delta value={pnl} currency={currency ?? ''} />,
    },
  ];
}

function price(
  id: string,
  header: string,
  of: (trade: SharedTrade) => string | null,
): Column<Placed<SharedTrade>> {
  return {
    id,
    header,
    align: 'right',
    phone: 'wide',
    cell: (trade) => <Figure value={of(trade)} />,
  };
}
