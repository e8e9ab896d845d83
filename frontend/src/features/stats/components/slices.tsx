import type { ReactNode } from 'react';
import { useFormatter, useTranslations } from 'use-intl';
import type { Stats } from '@/api/types';
import { Bars } from '@/components/bars';
import { ChartCard } from '@/components/chart-card';
import { type Column, DataTable } from '@/components/data-table';
import { Delta, useMoneyText } from '@/components/figures';
import { Card } from '@/components/page';
import { sign } from '@/lib/decimal';

interface Slice {
  id: string;
  name: string;
  trades: number;
  wins: number;
  losses: number;
  pnl: string | null;
}

interface SlicesProps {
  stats: Stats;
  currency: string;
}

/** The same trades by weekday, hour and symbol. */
export function Slices({ stats, currency }: SlicesProps) {
  const t = useTranslations('stats.slices');
  const format = useFormatter();
  // 2 November 2026 is a Monday.
  const weekday = (day: number) =>
    format.dateTime(new Date(Date.UTC(2026, 10, 2 + day)), { weekday: 'short', timeZone: 'UTC' });
  const weekdays = stats.by_weekday.map((slice) => ({
    ...slice,
    id: `${slice.weekday}`,
    name: weekday(slice.weekday),
  }));
  const hours = stats.by_hour.map((slice) => ({
    ...slice,
    id: `${slice.hour}`,
    name: `${slice.hour}`.padStart(2, '0'),
  }));
  const symbols = stats.by_symbol.map((slice) => ({
    ...slice,
    id: slice.symbol,
    name: slice.symbol === '*' ? t('others') : slice.symbol,
  }));
  return (
    <>
      <div className="grid gap-4 lg:grid-cols-2">
        <SliceChart title={t('weekdays')} slices={weekdays} currency={currency} />
        <SliceChart title={t('hours')} note={t('hoursNote')} slices={hours} currency={currency} />
      </div>
      <Card title={t('symbols')} isFlush>
        <SliceTable title={t('symbols')} slices={symbols} currency={currency} />
      </Card>
    </>
  );
}

interface SliceChartProps {
  title: string;
  note?: ReactNode;
  slices: Slice[];
  currency: string;
}

function SliceChart({ title, note, slices, currency }: SliceChartProps) {
  const t = useTranslations('stats.slices');
  const money = useMoneyText();
  return (
    <ChartCard
      title={title}
      {...(note !== undefined && { note })}
      chart={
        <Bars
          label={title}
          namesEvery={Math.ceil(slices.length / 12)}
          bars={slices.map(({ id, name, pnl, trades }) => ({
            id,
            name,
            size: Number(pnl ?? 0),
            title: t('bar', { name, result: money(pnl ?? '0', currency), count: trades }),
            tone: pnl && sign(pnl) < 0 ? 'negative' : 'positive',
          }))}
        />
      }
      table={<SliceTable title={title} slices={slices} currency={currency} />}
    />
  );
}

function SliceTable({ title, slices, currency }: Omit<SliceChartProps, 'note'>) {
  const t = useTranslations('stats.slices');
  const columns: Column<Slice>[] = [
    { id: 'name', header: title, phone: 'title', cell: ({ name }) => name },
    {
      id: 'trades',
      header: t('trades'),
      align: 'right',
      phone: 'detail',
      cell: ({ trades }) => <span className="figures">{trades}</span>,
    },
    {
      id: 'won',
      header: t('won'),
      align: 'right',
      phone: 'detail',
      cell: ({ wins, losses }) => (
        <span className="figures">
          {wins} : {losses}
        </span>
      ),
    },
    {
      id: 'pnl',
      header: t('pnl'),
      align: 'right',
      phone: 'figure',
      cell: ({ pnl }) => <Delta value={pnl} currency={currency} />,
    },
  ];
  return <DataTable label={title} columns={columns} rows={slices} rowKey={({ id }) => id} />;
}
