import { useQuery } from '@tanstack/react-query';
import { ChartLine, Table } from 'lucide-react';
import { lazy, Suspense, useMemo, useState } from 'react';
import { useLocale, useTimeZone, useTranslations } from 'use-intl';
import type { RiskHistory } from '@/api/types';
import { type Column, DataTable } from '@/components/data-table';
import { Money } from '@/components/figures';
import type { FloorLine } from '@/components/floors-chart';
import type { ChartPoint } from '@/components/line-chart';
import { Card } from '@/components/page';
import { Empty, Failure, Loading } from '@/components/states';
import { Moment } from '@/components/time';
import { Button } from '@/components/ui/button';
import { historyQuery } from '../queries';

const FloorsChart = lazy(() => import('@/components/floors-chart'));

type Point = RiskHistory['points'][number];

/** Rows of the table behind the chart. */
const ROWS = 60;

/** Equity of the last day against its floors, as a chart or as a table. */
export function EquityChart({ accountId, currency }: { accountId: string; currency: string }) {
  const t = useTranslations('risk.chart');
  const show = useTranslations('chart');
  const [isTable, setTable] = useState(false);
  const history = useQuery(historyQuery(accountId));
  const points = history.data?.points ?? [];
  const toggle = points.length > 0 && (
    <Button look="quiet" icon={isTable ? ChartLine : Table} onClick={() => setTable(!isTable)}>
      {show(isTable ? 'showChart' : 'showTable')}
    </Button>
  );
  return (
    <Card title={t('title')} aside={toggle} isFlush>
      {history.isPending && <Loading />}
      {history.isError && <Failure error={history.error} onRetry={() => void history.refetch()} />}
      {history.data && points.length === 0 && (
        <Empty icon={ChartLine} title={t('empty')} hint={t('emptyHint')} />
      )}
      {points.length > 0 && isTable && <PointTable points={points} currency={currency} />}
      {points.length > 0 && !isTable && (
        <div className="p-4">
          <Suspense fallback={<Loading />}>
            <Drawn points={points} label={t('label', { currency })} />
          </Suspense>
          <p className="mt-2 text-muted text-sm">{t('legend')}</p>
        </div>
      )}
    </Card>
  );
}

function Drawn({ points, label }: { points: Point[]; label: string }) {
  const locale = useLocale();
  const timeZone = useTimeZone();
  const lines = useMemo(() => linesOf(points), [points]);
  return <FloorsChart label={label} timeZone={timeZone ?? 'UTC'} locale={locale} {...lines} />;
}

/** One point per second; a pixel needs no decimal. */
export function linesOf(points: readonly Point[]): { equity: ChartPoint[]; floors: FloorLine[] } {
  const bySecond = new Map(points.map((point) => [Math.floor(Date.parse(point.at) / 1000), point]));
  const all = [...bySecond].sort(([a], [b]) => a - b);
  const ids = new Set(all.flatMap(([, { floors }]) => Object.keys(floors)));
  return {
    equity: all.map(([time, { equity }]) => ({ time, value: Number(equity) })),
    floors: [...ids].map((id) => ({
      id,
      points: all.flatMap(([time, { floors }]) =>
        floors[id] === undefined ? [] : [{ time, value: Number(floors[id]) }],
      ),
    })),
  };
}

function PointTable({ points, currency }: { points: Point[]; currency: string }) {
  const t = useTranslations('risk.chart');
  const rows = points.slice(-ROWS).reverse();
  const money = (value: string) => <Money value={value} currency={currency} />;
  const columns: Column<Point>[] = [
    {
      id: 'at',
      header: t('at'),
      phone: 'title',
      cell: ({ at }) => <Moment at={at} format="full" />,
    },
    { id: 'low', header: t('low'), align: 'right', phone: 'detail', cell: ({ low }) => money(low) },
    {
      id: 'high',
      header: t('high'),
      align: 'right',
      phone: 'wide',
      cell: ({ high }) => money(high),
    },
    {
      id: 'equity',
      header: t('equity'),
      align: 'right',
      phone: 'figure',
      cell: ({ equity }) => money(equity),
    },
  ];
  return <DataTable label={t('title')} columns={columns} rows={rows} rowKey={({ at }) => at} />;
}
