import { Link } from '@tanstack/react-router';
import { ArrowDown, ArrowUp } from 'lucide-react';
import { useTranslations } from 'use-intl';
import type { Account, Trade } from '@/api/types';
import type { Column } from '@/components/data-table';
import { DatedMoment } from '@/components/dated-moment';
import { Delta, Figure } from '@/components/figures';
import { Floating } from '@/components/floating';
import { Pill } from '@/components/pill';
import { VenueMark } from '@/components/venue-mark';
import { mostDecimals } from '@/lib/decimal';

export function Direction({ direction }: Pick<Trade, 'direction'>) {
  const t = useTranslations('trades.directions');
  const Icon = direction === 'LONG' ? ArrowUp : ArrowDown;
  return (
    <span className="inline-flex items-center gap-1 whitespace-nowrap">
      <Icon aria-hidden size={14} className="text-muted" />
      {t(direction)}
    </span>
  );
}

/** Decimals with which the prices of one trade are written. */
function pricePlaces({ entry_price, exit_price, stop_loss, take_profit }: Trade): number {
  return mostDecimals(entry_price, exit_price, stop_loss, take_profit);
}

function SymbolLink({ symbol, copy_id }: Pick<Trade, 'symbol' | 'copy_id'>) {
  const t = useTranslations('trades');
  if (!copy_id) return <span className="font-medium">{symbol}</span>;
  return (
    <Link
      to="/copies/$copyId"
      params={{ copyId: copy_id }}
      title={t('seeCopy', { symbol })}
      className="font-medium text-accent hover:underline"
    >
      {symbol}
    </Link>
  );
}

/** The columns that every list of trades chooses from. */
export function useTradeColumns(accounts: ReadonlyMap<string, Account>) {
  const t = useTranslations('trades');
  return {
    symbol: { id: 'symbol', header: t('columns.symbol'), phone: 'title', cell: SymbolLink },
    direction: {
      id: 'direction',
      header: t('columns.direction'),
      phone: 'detail',
      cell: Direction,
    },
    quantity: {
      id: 'quantity',
      header: t('columns.quantity'),
      align: 'right',
      phone: 'detail',
      cell: (trade) => <Figure value={trade.quantity} places={2} />,
    },
    account: {
      id: 'account',
      header: t('columns.account'),
      phone: 'detail',
      cell: (trade) => (
        <span className="inline-flex spread:min-w-36 flex-wrap items-center gap-x-2">
          <span className="[overflow-wrap:anywhere]">{accounts.get(trade.account_id)?.name}</span>
          <VenueMark accountId={trade.account_id} />
        </span>
      ),
    },
    entryPrice: {
      id: 'entryPrice',
      header: t('columns.entryPrice'),
      align: 'right',
      phone: 'wide',
      cell: (trade) => <Figure value={trade.entry_price} places={pricePlaces(trade)} />,
    },
    exitPrice: {
      id: 'exitPrice',
      header: t('columns.exitPrice'),
      align: 'right',
      phone: 'wide',
      cell: (trade) => <Figure value={trade.exit_price} places={pricePlaces(trade)} />,
    },
    limits: {
      id: 'limits',
      header: t('columns.limits'),
      align: 'right',
      phone: 'wide',
      cell: (trade) => (
        <span className="whitespace-nowrap text-muted">
          <Figure value={trade.stop_loss} places={pricePlaces(trade)} /> /{' '}
          <Figure value={trade.take_profit} places={pricePlaces(trade)} />
        </span>
      ),
    },
    entry: {
      id: 'entry',
      header: t('columns.entry'),
      phone: 'detail',
      cell: (trade) => <DatedMoment at={trade.entry_at} />,
    },
    exit: {
      id: 'exit',
      header: t('columns.exit'),
      phone: 'detail',
      cell: (trade) => (trade.exit_at ? <DatedMoment at={trade.exit_at} /> : null),
    },
    source: {
      id: 'source',
      header: t('columns.source'),
      phone: 'wide',
      cell: (trade) => <span className="whitespace-nowrap">{t(`sources.${trade.source}`)}</span>,
    },
    status: {
      id: 'status',
      header: t('columns.status'),
      phone: 'state',
      cell: (trade) => (
        <Pill tone={trade.status === 'open' ? 'safe' : 'neutral'}>
          {t(`statuses.${trade.status}`)}
        </Pill>
      ),
    },
    pnl: {
      id: 'pnl',
      header: t('columns.pnl'),
      align: 'right',
      phone: 'figure',
      cell: (trade) => (
        <Delta value={trade.pnl} currency={accounts.get(trade.account_id)?.currency ?? ''} />
      ),
    },
    floating: {
      id: 'floating',
      header: t('columns.floating'),
      align: 'right',
      phone: 'figure',
      cell: (trade) => (
        <Floating position={trade} currency={accounts.get(trade.account_id)?.currency ?? ''} />
      ),
    },
  } satisfies Record<string, Column<Trade>>;
}
