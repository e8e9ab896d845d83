import { useFormatter, useTranslations } from 'use-intl';
import type { Stats } from '@/api/types';
import { Bars } from '@/components/bars';
import { ChartCard } from '@/components/chart-card';
import { type Column, DataTable } from '@/components/data-table';
import { sign } from '@/lib/decimal';

type Bin = Stats['pnl_distribution'][number];

interface DistributionProps {
  title: string;
  note: string;
  bins: Bin[];
  /** Such as `USD` or `R`. */
  unit: string;
}

/** How often results of which size occur. Bins that hold nothing have their place, too. */
export function Distribution({ title, note, bins, unit }: DistributionProps) {
  const t = useTranslations('stats');
  const format = useFormatter();
  const figure = (value: string) => format.number(Number(value), { maximumFractionDigits: 2 });
  const range = ({ from, to }: Bin) => t('range', { from: figure(from), to: figure(to), unit });
  const all = withGaps(bins);
  const columns: Column<Bin>[] = [
    { id: 'range', header: title, phone: 'title', cell: range },
    {
      id: 'trades',
      header: t('slices.trades'),
      align: 'right',
      phone: 'figure',
      cell: ({ trades }) => <span className="figures">{trades}</span>,
    },
  ];
  return (
    <ChartCard
      title={title}
      note={note}
      chart={
        <Bars
          label={title}
          namesEvery={Math.ceil(all.length / 6)}
          bars={all.map((bin) => ({
            id: bin.from,
            name: figure(bin.from),
            size: bin.trades,
            title: t('inRange', { range: range(bin), count: bin.trades }),
            tone: sign(bin.from) < 0 ? 'negative' : 'positive',
          }))}
        />
      }
      table={<DataTable label={title} columns={columns} rows={bins} rowKey={({ from }) => from} />}
    />
  );
}

/** All bins are of one width. */
export function withGaps(bins: readonly Bin[]): Bin[] {
  const [first, last] = [bins[0], bins.at(-1)];
  if (!first || !last) return [];
  const width = Number(first.to) - Number(first.from);
  const count = Math.round((Number(last.to) - Number(first.from)) / width);
  return Array.from({ length: count }, (_, at) => {
    const from = Number(first.from) + at * width;
    const held = bins.find((bin) => Math.abs(Number(bin.from) - from) < width / 2);
    return held ?? { from: String(round(from)), to: String(round(from + width)), trades: 0 };
  });
}

const round = (value: number) => Math.round(value * 1e8) / 1e8;
