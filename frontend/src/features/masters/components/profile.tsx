import { ChartLine, Table } from 'lucide-react';
import { lazy, Suspense, useMemo, useState } from 'react';
import { useFormatter, useLocale, useTranslations } from 'use-intl';
import type { MasterProfile } from '@/api/types';
import { DataTable } from '@/components/data-table';
import { Delta, Money, NoValue, Percent } from '@/components/figures';
import { Card, Tile, Tiles } from '@/components/page';
import { Empty, Loading } from '@/components/states';
import { Moment } from '@/components/time';
import { Button } from '@/components/ui/button';

const LineChart = lazy(() => import('@/components/line-chart'));

/** What a master did: results, the largest fall, and the course of its profit. */
export function Profile({ master }: { master: MasterProfile }) {
  const t = useTranslations('masters');
  const { currency, max_drawdown: drawdown } = master;
  return (
    <>
      <Tiles>
        <Tile label={t('result')} hint={t('trades', { count: master.trades })}>
          <Delta value={master.total_pnl} currency={currency} />
        </Tile>
        <Tile label={t('drawdown')} hint={<Money value={drawdown.money} currency={currency} />}>
          <Percent value={drawdown.percent} />
        </Tile>
        <Tile label={t('winRate')} hint={t('ofTrades')}>
          {master.win_rate ? <Percent value={master.win_rate} /> : <NoValue />}
        </Tile>
        <Tile
          label={t('followersTitle')}
          hint={master.since ? <Since at={master.since} /> : t('noTrades')}
        >
          <span className="figures">{master.followers}</span>
        </Tile>
      </Tiles>
      <Curve master={master} />
      <p className="mt-4 max-w-prose text-pretty text-muted text-sm">
        {t('caveat')} {t('asOf')} <Moment at={master.updated_at} />.
      </p>
    </>
  );
}

function Since({ at }: { at: string }) {
  const t = useTranslations('masters');
  const format = useFormatter();
  return <>{t('since', { date: format.dateTime(new Date(at), { dateStyle: 'medium' }) })}</>;
}

function Curve({ master }: { master: MasterProfile }) {
  const t = useTranslations();
  const [isTable, setTable] = useState(false);
  const { curve, currency } = master;
  const toggle = curve.length > 0 && (
    <Button look="quiet" icon={isTable ? ChartLine : Table} onClick={() => setTable(!isTable)}>
      {t(isTable ? 'chart.showChart' : 'chart.showTable')}
    </Button>
  );
  return (
    <Card title={t('chart.title')} aside={toggle} isFlush>
      {curve.length === 0 && (
        <Empty icon={ChartLine} title={t('chart.empty')} hint={t('masters.noTradesHint')} />
      )}
      {curve.length > 0 && isTable && <Days curve={curve} currency={currency} />}
      {curve.length > 0 && !isTable && (
        <div className="h-72 p-4">
          <Suspense fallback={<Loading />}>
            <Drawn curve={curve} label={t('chart.label', { currency })} />
          </Suspense>
        </div>
      )}
    </Card>
  );
}

function Drawn({ curve, label }: Pick<MasterProfile, 'curve'> & { label: string }) {
  const locale = useLocale();
  const points = useMemo(() => pointsOf(curve), [curve]);
  // Days are those of UTC.
  return <LineChart label={label} points={points} timeZone="UTC" locale={locale} />;
}

const DAY_S = 86_400;

/** The sum starts at zero the day before, so that one day is a line too. */
function pointsOf(curve: MasterProfile['curve']) {
  const days = curve.map(({ date, total_pnl }) => ({
    time: Date.parse(date) / 1000,
    value: Number(total_pnl),
  }));
  return days[0] ? [{ time: days[0].time - DAY_S, value: 0 }, ...days] : [];
}

function Days({ curve, currency }: Pick<MasterProfile, 'curve' | 'currency'>) {
  const t = useTranslations('masters');
  const format = useFormatter();
  return (
    <DataTable
      label={t('days')}
      rows={[...curve].reverse()}
      rowKey={({ date }) => date}
      columns={[
        {
          id: 'date',
          header: t('day'),
          phone: 'title',
          cell: ({ date }) =>
            format.dateTime(new Date(date), { dateStyle: 'medium', timeZone: 'UTC' }),
        },
        {
          id: 'total',
          header: t('result'),
          align: 'right',
          phone: 'state',
          cell: ({ total_pnl }) => <Delta value={total_pnl} currency={currency} />,
        },
      ]}
    />
  );
}
