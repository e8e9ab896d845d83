import { useInfiniteQuery } from '@tanstack/react-query';
import { Radio } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import type { Signal } from '@/api/types';
import { type Column, DataTable } from '@/components/data-table';
import { DatedMoment } from '@/components/dated-moment';
import { Figure, NoValue } from '@/components/figures';
import { LoadMore } from '@/components/load-more';
import { Side } from '@/components/side';
import { Empty, Failure, Loading } from '@/components/states';
import { mostDecimals } from '@/lib/decimal';
import { signalPagesQuery } from '../queries';
import { isState } from '../words';

/** What a master's EA reported, and what became of it. */
export function Signals({ accountId }: { accountId: string }) {
  const t = useTranslations();
  const list = useInfiniteQuery(signalPagesQuery(accountId));
  if (list.isPending) return <Loading />;
  if (list.isLoadingError)
    return <Failure error={list.error} onRetry={() => void list.refetch()} />;
  const signals = list.data.pages.flatMap((page) => page.items);
  if (signals.length === 0) {
    return <Empty icon={Radio} title={t('signals.empty')} hint={t('signals.emptyHint')} />;
  }
  return <SignalTable signals={signals} more={<LoadMore list={list} />} />;
}

function SignalTable({ signals, more }: { signals: Signal[]; more: ReactNode }) {
  const t = useTranslations('signals');
  const columns = useColumns(placesOf(signals));
  return (
    <DataTable
      label={t('title')}
      columns={columns}
      rows={signals}
      rowKey={(signal) => signal.id}
      footer={
        <>
          <span>{t('shown', { count: signals.length })}</span>
          {more}
        </>
      }
    />
  );
}

/** Decimals with which prices of each symbol are written: as many as the one that has most. */
function placesOf(signals: readonly Signal[]): ReadonlyMap<string, number> {
  const places = new Map<string, number>();
  for (const { symbol, price } of signals) {
    places.set(symbol, Math.max(places.get(symbol) ?? 0, mostDecimals(price)));
  }
  return places;
}

function useColumns(places: ReadonlyMap<string, number>): Column<Signal>[] {
  const t = useTranslations('signals');
  return [
    {
      id: 'symbol',
      header: t('columns.symbol'),
      phone: 'title',
      cell: (signal) => (
        <>
          <span className="font-medium">{signal.symbol}</span>{' '}
          <span className="figures text-muted text-sm">#{signal.ticket}</span>
        </>
      ),
    },
    {
      id: 'kind',
      header: t('columns.kind'),
      phone: 'detail',
      cell: (signal) => t(`kinds.${signal.kind}`),
    },
    {
      id: 'side',
      header: t('columns.side'),
      phone: 'detail',
      cell: (signal) => (signal.side ? <Side side={signal.side} /> : <NoValue />),
    },
    {
      id: 'lots',
      header: t('columns.lots'),
      align: 'right',
      phone: 'wide',
      cell: (signal) => <Figure value={signal.lots} places={2} />,
    },
    {
      id: 'price',
      header: t('columns.price'),
      align: 'right',
      phone: 'figure',
      cell: (signal) => <Figure value={signal.price} places={places.get(signal.symbol) ?? 0} />,
    },
    {
      id: 'time',
      header: t('columns.time'),
      phone: 'detail',
      cell: (signal) => <DatedMoment at={signal.received_at} />,
    },
    {
      id: 'copies',
      header: t('columns.copies'),
      phone: 'state',
      cell: (signal) => <Outcome copies={signal.copies} />,
    },
  ];
}

/** `3 open, 1 not sent` */
function Outcome({ copies }: Pick<Signal, 'copies'>) {
  const t = useTranslations('copies.states');
  const counts = Object.entries(copies).filter(([, count]) => count > 0);
  if (counts.length === 0) return <NoValue />;
  return (
    <span className="flex flex-wrap gap-x-3 text-sm">
      {counts.map(([state, count]) => (
        <span key={state} className="whitespace-nowrap">
          <span className="figures">{count}</span> {isState(state) ? t(state).toLowerCase() : state}
        </span>
      ))}
    </span>
  );
}
