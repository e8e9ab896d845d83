import { lazy, useMemo } from 'react';
import { useLocale, useTimeZone, useTranslations } from 'use-intl';
import type { Stats } from '@/api/types';
import { ChartCard } from '@/components/chart-card';
import { type Column, DataTable } from '@/components/data-table';
import { Delta, Money } from '@/components/figures';
import { Moment } from '@/components/time';
import { type CurvePoint, drawable, withFalls } from '../curve';

const EquityChart = lazy(() => import('@/components/equity-chart'));

interface EquityCardProps {
  curve: Stats['curve'];
  currency: string;
  /** Null: unknown, so the line is the sum of results. */
  start: string | null;
}

/** Equity or cumulative profit, and the falls under it. */
export function EquityCard({ curve, currency, start }: EquityCardProps) {
  const t = useTranslations('stats.equity');
  const points = useMemo(() => withFalls(curve, start ?? '0'), [curve, start]);
  const title = t(start === null ? 'profit' : 'title');
  return (
    <ChartCard
      title={title}
      note={t('note')}
      height="h-80"
      chart={
        <Drawn points={points} start={Number(start ?? 0)} label={t('label', { title, currency })} />
      }
      table={<Points points={points} title={title} currency={currency} />}
    />
  );
}

interface DrawnProps {
  points: CurvePoint[];
  start: number;
  label: string;
}

function Drawn({ points, start, label }: DrawnProps) {
  const locale = useLocale();
  const timeZone = useTimeZone() ?? 'UTC';
  const lines = useMemo(
    () => ({
      line: drawable(points),
      falls: drawable(points.map(({ at, fall }) => ({ at, value: fall }))),
    }),
    [points],
  );
  return <EquityChart label={label} {...lines} start={start} timeZone={timeZone} locale={locale} />;
}

interface PointsProps {
  points: CurvePoint[];
  title: string;
  currency: string;
}

function Points({ points, title, currency }: PointsProps) {
  const t = useTranslations('stats.equity');
  const columns: Column<CurvePoint>[] = [
    {
      id: 'at',
      header: t('at'),
      phone: 'title',
      cell: ({ at }) => <Moment at={at} format="full" />,
    },
    {
      id: 'fall',
      header: t('fall'),
      align: 'right',
      phone: 'detail',
      cell: ({ fall }) => <Delta value={fall} currency={currency} />,
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
    <DataTable label={title} columns={columns} rows={points.toReversed()} rowKey={({ at }) => at} />
  );
}
