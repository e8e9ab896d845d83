import { useTranslations } from 'use-intl';
import type { Stats } from '@/api/types';
import { ChartCard } from '@/components/chart-card';
import { type Column, DataTable } from '@/components/data-table';
import { Delta, useMoneyText } from '@/components/figures';
import { useSpanText } from '@/components/time';

interface Dot {
  id: string;
  symbol: string;
  /** Seconds from entry to exit. */
  held: number;
  pnl: string;
}

interface HoldingScatterProps {
  sample: Stats['scatter'];
  /** How many trades it is a sample of. */
  all: number;
  currency: string;
}

/** How long trades were held against what they brought. */
export function HoldingScatter({ sample, all, currency }: HoldingScatterProps) {
  const t = useTranslations('stats');
  const span = useSpanText();
  const dots = sample.map(
    ({ symbol, held_s, pnl }, place): Dot => ({
      id: String(place),
      symbol,
      held: Math.max(1, held_s),
      pnl,
    }),
  );
  const columns: Column<Dot>[] = [
    { id: 'symbol', header: t('slices.symbol'), phone: 'title', cell: ({ symbol }) => symbol },
    { id: 'held', header: t('scatter.held'), phone: 'detail', cell: ({ held }) => span(held) },
    {
      id: 'pnl',
      header: t('slices.pnl'),
      align: 'right',
      phone: 'figure',
      cell: ({ pnl }) => <Delta value={pnl} currency={currency} />,
    },
  ];
  return (
    <ChartCard
      title={t('scatter.title')}
      note={t(dots.length < all ? 'scatter.sampled' : 'scatter.note', { count: dots.length, all })}
      chart={<Scatter dots={dots} currency={currency} label={t('scatter.title')} />}
      table={
        <DataTable
          label={t('scatter.title')}
          columns={columns}
          rows={dots}
          rowKey={({ id }) => id}
        />
      }
    />
  );
}

const TICKS = [1, 60, 3_600, 86_400, 604_800, 31_536_000];
const [WIDTH, HEIGHT, EDGE] = [100, 100, 2];

/** Time by its powers: seconds and weeks have room beside each other. */
function Scatter({ dots, currency, label }: { dots: Dot[]; currency: string; label: string }) {
  const span = useSpanText();
  const money = useMoneyText();
  const longest = Math.log(Math.max(...dots.map(({ held }) => held), 60));
  const largest = Math.max(...dots.map(({ pnl }) => Math.abs(Number(pnl))), 1e-9);
  const x = (held: number) => EDGE + (Math.log(held) / longest) * (WIDTH - 2 * EDGE);
  const y = (pnl: string) => HEIGHT / 2 - (Number(pnl) / largest) * (HEIGHT / 2 - EDGE);
  return (
    <figure aria-label={label} className="m-0">
      <div className="flex gap-2">
        <div
          aria-hidden
          className="figures flex h-64 flex-col justify-between text-right text-muted text-xs"
        >
          <span>+{money(largest.toFixed(2), currency)}</span>
          <span>0</span>
          <span>−{money(largest.toFixed(2), currency)}</span>
        </div>
        <div className="relative h-64 min-w-0 flex-1 border-line border-b border-l">
          <div className="absolute inset-x-0 top-1/2 border-line border-t" />
          {dots.map(({ id, held, pnl, symbol }) => (
            <span
              key={id}
              title={`${symbol} · ${span(Math.floor(held))} · ${money(pnl, currency)}`}
              className={`absolute size-2 -translate-x-1/2 -translate-y-1/2 rounded-full opacity-70 ${Number(pnl) < 0 ? 'bg-negative' : 'bg-positive'}`}
              style={{ left: `${x(held)}%`, top: `${y(pnl)}%` }}
            />
          ))}
        </div>
      </div>
      <div aria-hidden className="relative mt-1 ml-20 h-4 text-muted text-xs">
        {TICKS.filter((tick) => Math.log(tick) <= longest).map((tick) => (
          <span
            key={tick}
            className="absolute -translate-x-1/2 whitespace-nowrap first:translate-x-0"
            style={{ left: `${x(tick)}%` }}
          >
            {span(tick)}
          </span>
        ))}
      </div>
    </figure>
  );
}
