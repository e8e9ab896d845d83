import { useQuery } from '@tanstack/react-query';
import { ChartLine, Table } from 'lucide-react';
import { lazy, Suspense, useMemo, useState } from 'react';
import { useLocale, useTimeZone, useTranslations } from 'use-intl';
import type { ChartPoint } from '@/components/line-chart';
import { Card } from '@/components/page';
import { Empty, Failure, Loading } from '@/components/states';
import { Button } from '@/components/ui/button';
import { type ProfitPoint, profitLine } from '../profit';
import { closedTradesQuery } from '../queries';
import { ProfitTable } from './profit-table';

// The chart library is half a page's script: fetched when there is something to draw.
const LineChart = lazy(() => import('@/components/line-chart'));

interface ProfitChartProps {
  accountId: string;
  currency: string;
}

/** Cumulative profit of an account, as a line or as the table behind it. */
export function ProfitChart({ accountId, currency }: ProfitChartProps) {
  const t = useTranslations('chart');
  const [isTable, setTable] = useState(false);
  const trades = useQuery(closedTradesQuery(accountId));
  const line = useMemo(() => profitLine(trades.data?.items ?? []), [trades.data]);

  const toggle = line.length > 0 && (
    <Button look="quiet" icon={isTable ? ChartLine : Table} onClick={() => setTable(!isTable)}>
      {t(isTable ? 'showChart' : 'showTable')}
    </Button>
  );
  return (
    <Card title={t('title')} aside={toggle} isFlush>
      {trades.isPending && <Loading />}
      {trades.isError && <Failure error={trades.error} onRetry={() => void trades.refetch()} />}
      {trades.data && line.length === 0 && (
        <Empty icon={ChartLine} title={t('empty')} hint={t('emptyHint')} />
      )}
      {line.length > 0 && isTable && <ProfitTable line={line} currency={currency} />}
      {line.length > 0 && !isTable && (
        <div className="h-72 p-4">
          <Suspense fallback={<Loading />}>
            <Drawn line={line} label={t('label', { currency })} />
          </Suspense>
        </div>
      )}
      {trades.data?.next_cursor && (
        <p className="border-line border-t px-4 py-2 text-muted text-sm">
          {t('newest', { count: line.length })}
        </p>
      )}
    </Card>
  );
}

function Drawn({ line, label }: { line: ProfitPoint[]; label: string }) {
  const locale = useLocale();
  const timeZone = useTimeZone();
  const points = useMemo(() => chartPoints(line), [line]);
  return <LineChart label={label} points={points} timeZone={timeZone ?? 'UTC'} locale={locale} />;
}

/** One point per second: of several trades in one, the last. A pixel needs no decimal. */
function chartPoints(line: ProfitPoint[]): ChartPoint[] {
  const bySecond = new Map<number, number>();
  for (const { at, total } of line) bySecond.set(Math.floor(Date.parse(at) / 1000), Number(total));
  return [...bySecond].map(([time, value]) => ({ time, value }));
}
