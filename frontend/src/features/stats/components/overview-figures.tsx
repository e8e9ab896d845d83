import { useQuery } from '@tanstack/react-query';
import { lazy, useMemo } from 'react';
import { useLocale, useTimeZone, useTranslations } from 'use-intl';
import type { Stats } from '@/api/types';
import { ChartCard, ChartRoom } from '@/components/chart-card';
import { type Column, DataTable } from '@/components/data-table';
import { Delta, Money, Percent } from '@/components/figures';
import { FigureRoom, Tile, Tiles } from '@/components/page';
import { Failure } from '@/components/states';
import { Moment } from '@/components/time';
import { WhenSeen } from '@/components/when-seen';
import { drawable } from '../curve';
import { statsQuery } from '../queries';

const LineChart = lazy(() => import('@/components/line-chart'));

interface OverviewFiguresProps {
  /** Of one currency. */
  accountIds: string[];
  currency: string;
  /** Whether there are trades, as far as that is known. */
  hasTrades: boolean;
}

/** What the accounts that count have brought, and their equity as one line. */
export function OverviewFigures({ accountIds, currency, hasTrades }: OverviewFiguresProps) {
  const stats = useQuery(statsQuery({ account_id: accountIds }));
  if (stats.isError) return <Failure error={stats.error} onRetry={() => void stats.refetch()} />;
  return (
    <Brought stats={stats.data} currency={stats.data?.currency ?? currency} hasCurve={hasTrades} />
  );
}

interface BroughtProps {
  /** Undefined while it is read: all of it has its place from the beginning, and what stands below stays there. */
  stats: Stats | undefined;
  currency: string;
  /** Whether a line is to be expected. */
  hasCurve?: boolean;
}

/** Results, and equity as one line. */
export function Brought({ stats, currency, hasCurve = true }: BroughtProps) {
  return (
    <>
      <Results stats={stats} currency={currency} />
      {(stats ? stats.curve.length > 1 : hasCurve) && (
        <div className="mb-4">
          <Curve stats={stats} currency={currency} />
        </div>
      )}
    </>
  );
}

interface ReadProps {
  stats: Stats | undefined;
  currency: string;
}

function Results({ stats, currency }: ReadProps) {
  const t = useTranslations('overviewStats');
  if (!stats) return <ResultsRoom />;
  return (
    <Tiles>
      <Tile
        label={t('today')}
        {...(stats.today_pnl_percent !== null && {
          hint: <Percent value={stats.today_pnl_percent} places={2} />,
        })}
      >
        <Delta value={stats.today_pnl} currency={currency} />
      </Tile>
      <Tile
        label={t('allTime')}
        {...(stats.total_pnl_percent !== null && {
          hint: <Percent value={stats.total_pnl_percent} places={2} />,
        })}
      >
        <Delta value={stats.total_pnl} currency={currency} />
      </Tile>
      <Tile label={t('winRate')} hint={t('closed', { count: stats.trades })}>
        <Percent value={stats.win_rate} />
      </Tile>
      <Tile label={t('open')}>
        <span className="figures">{stats.open_trades}</span>
      </Tile>
    </Tiles>
  );
}

/** As high as the results, of accounts that began with a known balance. */
function ResultsRoom() {
  const t = useTranslations('overviewStats');
  return (
    <Tiles>
      {(['today', 'allTime', 'winRate'] as const).map((name) => (
        <Tile key={name} label={t(name)} hint={'\u00a0'}>
          <FigureRoom />
        </Tile>
      ))}
      <Tile label={t('open')}>
        <FigureRoom />
      </Tile>
    </Tiles>
  );
}

type Point = Stats['curve'][number];

function Curve({ stats, currency }: ReadProps) {
  const t = useTranslations();
  const title = t(
    stats?.starting_balance === null ? 'overviewStats.profit' : 'overviewStats.equity',
  );
  const columns: Column<Point>[] = [
    {
      id: 'at',
      header: t('chart.closedAt'),
      phone: 'title',
      cell: ({ at }) => <Moment at={at} format="full" />,
    },
    {
      id: 'value',
      header: title,
      align: 'right',
      phone: 'figure',
      cell: ({ value }) => <Money value={value} currency={currency} />,
    },
  ];
  return (
    <ChartCard
      title={title}
      note={t('overviewStats.note')}
      words={{ showTable: t('chart.showTable'), showChart: t('chart.showChart') }}
      chart={
        stats ? (
          <WhenSeen height="h-64">
            <Drawn points={stats.curve} label={`${title}, ${currency}`} />
          </WhenSeen>
        ) : (
          <ChartRoom />
        )
      }
      table={
        <DataTable
          label={title}
          columns={columns}
          rows={stats?.curve.toReversed() ?? []}
          rowKey={({ at }) => at}
        />
      }
    />
  );
}

function Drawn({ points, label }: { points: Point[]; label: string }) {
  const locale = useLocale();
  const timeZone = useTimeZone() ?? 'UTC';
  const line = useMemo(() => drawable(points), [points]);
  return <LineChart label={label} points={line} timeZone={timeZone} locale={locale} />;
}
