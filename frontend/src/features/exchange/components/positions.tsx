import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ArrowDown, ArrowUp, Layers } from 'lucide-react';
import { useTranslations } from 'use-intl';
import type { Account, Position } from '@/api/types';
import { type Column, DataTable } from '@/components/data-table';
import { Delta, Figure, NoValue } from '@/components/figures';
import { Card } from '@/components/page';
import { Pill } from '@/components/pill';
import { Empty, Failure, Loading } from '@/components/states';
import { Ago } from '@/components/time';
import { mostDecimals } from '@/lib/decimal';
import { useExchangeKey } from '../known-keys';
import { positionsQuery } from '../queries';

/** What is open at the exchange, live: copies and what was opened there by hand. */
export function Positions({ account }: { account: Account }) {
  const t = useTranslations('positions');
  const key = useExchangeKey(account);
  const isThere = account.platform === 'paper' || Boolean(key);
  const query = useQuery({ ...positionsQuery(account.id), enabled: isThere });
  const rows = query.data?.items ?? [];
  const columns = useColumns(account, rows);
  if (!isThere) return null;
  // Where nothing is open it is as old as the answer.
  const readAt = rows[0]?.read_at ?? (query.data && new Date(query.dataUpdatedAt).toISOString());
  return (
    <Card
      title={t('title')}
      isFlush
      aside={
        readAt !== undefined && (
          <span className="mr-2 text-muted text-sm">
            {t.rich('read', { age: () => <Ago at={readAt} /> })}
          </span>
        )
      }
    >
      {query.isPending && <Loading rows={2} />}
      {query.isError && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      {query.data && rows.length === 0 && (
        <Empty icon={Layers} title={t('empty')} hint={t('emptyHint')} />
      )}
      {rows.length > 0 && (
        <DataTable
          label={t('title')}
          columns={columns}
          rows={rows}
          rowKey={({ symbol, direction, copy_id }) => `${symbol} ${direction} ${copy_id ?? ''}`}
          isWide
        />
      )}
    </Card>
  );
}

function useColumns({ currency }: Account, rows: Position[]): Column<Position>[] {
  const t = useTranslations('positions');
  return [
    {
      id: 'symbol',
      header: t('columns.symbol'),
      phone: 'title',
      cell: ({ symbol }) => <span className="font-medium">{symbol}</span>,
    },
    {
      id: 'side',
      header: t('columns.side'),
      phone: 'state',
      cell: ({ direction }) => <Direction direction={direction} />,
    },
    {
      id: 'owner',
      header: t('columns.owner'),
      phone: 'state',
      cell: (position) => <Whose position={position} />,
    },
    {
      id: 'quantity',
      // All of one account are in the same unit.
      header: t('columns.quantity', { unit: rows[0]?.quantity_unit ?? 'coins' }),
      align: 'right',
      phone: 'detail',
      cell: ({ quantity }) => <Figure value={quantity} />,
    },
    {
      id: 'price',
      header: t('columns.price'),
      align: 'right',
      phone: 'detail',
      cell: ({ average_price: entry, mark_price: mark }) => {
        const places = mostDecimals(entry, mark);
        return (
          <span className="whitespace-nowrap">
            <Figure value={entry} places={places} /> → <Figure value={mark} places={places} />
          </span>
        );
      },
    },
    {
      id: 'leverage',
      header: t('columns.leverage'),
      align: 'right',
      phone: 'detail',
      cell: ({ leverage }) =>
        leverage ? <span className="figures">{t('times', { value: leverage })}</span> : <NoValue />,
    },
    {
      id: 'liquidation',
      header: t('columns.liquidation'),
      align: 'right',
      phone: 'wide',
      cell: ({ liquidation_price: price }) => <Figure value={price} />,
    },
    {
      id: 'floating',
      header: t('columns.floating'),
      align: 'right',
      phone: 'figure',
      cell: ({ unrealised_pnl }) => <Delta value={unrealised_pnl} currency={currency} />,
    },
  ];
}

function Direction({ direction }: Pick<Position, 'direction'>) {
  const t = useTranslations('positions');
  const isLong = direction === 'LONG';
  const Icon = isLong ? ArrowUp : ArrowDown;
  return (
    <span className="inline-flex items-center gap-1">
      <Icon aria-hidden size={14} className="text-muted" />
      {t(isLong ? 'long' : 'short')}
    </span>
  );
}

/** Ours leads to its copy; what is not ours is never touched. */
function Whose({ position }: { position: Position }) {
  const t = useTranslations('positions');
  const { copy_id: copyId, is_foreign, symbol } = position;
  if (is_foreign) {
    return (
      <span title={t('foreignHint')}>
        <Pill tone="neutral">{t('foreign')}</Pill>
      </span>
    );
  }
  if (!copyId) return <NoValue />;
  return (
    <Link
      to="/copies/$copyId"
      params={{ copyId }}
      aria-label={t('oursLink', { symbol })}
      className="text-accent hover:underline"
    >
      {t('ours')}
    </Link>
  );
}
