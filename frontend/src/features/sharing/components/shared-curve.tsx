import { lazy, useMemo } from 'react';
import { useLocale, useTimeZone, useTranslations } from 'use-intl';
import { ChartCard } from '@/components/chart-card';
import { type Column, DataTable } from '@/components/data-table';
import { Money, Percent } from '@/components/figures';
import { Card } from '@/components/page';
import { Moment } from '@/components/time';
import { type Curve, changeOf, drawnOf, isRelative } from '../curve';

const LineChart = lazy(() => import('@/components/line-chart'));

interface SharedCurveProps {
  curve: Curve;
  /** Null where there are several, or no money is shown. */
  currency: string | null;
}

/** The equity that a link shows: in percent of its start where that is known. */
export function SharedCurve({ curve, currency }: SharedCurveProps) {
  const t = useTranslations('shares');
  const locale = useLocale();
  const timeZone = useTimeZone() ?? 'UTC';
  const points = useMemo(() => drawnOf(curve), [curve]);
  if (curve.length === 0) {
    return (
      <Card title={t('sections.curve')}>
        <p className="text-muted">{t('page.noCurve')}</p>
      </Card>
    );
  }
  const title = t(isRelative(curve) ? 'page.curvePercent' : 'page.curve');
  return (
    <ChartCard
      title={title}
      words={{ showTable: t('page.showTable'), showChart: t('page.showChart') }}
      chart={<LineChart label={title} points={points} timeZone={timeZone} locale={locale} />}
      table={<Points curve={curve} title={title} currency={currency} />}
    />
  );
}

function Points({ curve, title, currency }: SharedCurveProps & { title: string }) {
  const t = useTranslations('shares.page');
  const columns: Column<Curve[number]>[] = [
    {
      id: 'at',
      header: t('at'),
      phone: 'title',
      cell: ({ at }) => <Moment at={at} format="full" />,
    },
    {
      id: 'percent',
      header: t('percent'),
      align: 'right',
      phone: 'figure',
      cell: (point) => <Percent value={changeOf(point)} />,
    },
  ];
  if (currency !== null) {
    columns.push({
      id: 'value',
      header: t('curve'),
      align: 'right',
      phone: 'detail',
      cell: ({ value }) => <Money value={value} currency={currency} />,
    });
  }
  return (
    <DataTable label={title} columns={columns} rows={curve.toReversed()} rowKey={({ at }) => at} />
  );
}
