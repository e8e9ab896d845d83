import { useQuery } from '@tanstack/react-query';
import { ChartLine } from 'lucide-react';
import { useTranslations } from 'use-intl';
import type { Stats } from '@/api/types';
import { Delta, Money, Percent, Ratio } from '@/components/figures';
import { Card, Tile, Tiles } from '@/components/page';
import { Empty, Failure, Loading } from '@/components/states';
import { type StatsFilter, statsQuery } from '../queries';
import { Distribution } from './distribution';
import { EquityCard } from './equity-card';
import { FigureList } from './figure-list';
import { HoldingScatter } from './holding-scatter';
import { MissingRates } from './missing-rates';
import { Months } from './months';
import { Slices } from './slices';
import { Totals } from './totals';

interface StatsBodyProps {
  filter: StatsFilter;
  onCurrency: (currency: string) => void;
}

/** Everything that closed trades say. */
export function StatsBody({ filter, onCurrency }: StatsBodyProps) {
  const t = useTranslations('stats');
  const stats = useQuery(statsQuery({ ...filter, scatter: true }));
  if (stats.isPending)
    return (
      <Card isFlush>
        <Loading rows={8} />
      </Card>
    );
  if (stats.isLoadingError) {
    return (
      <Card isFlush>
        <Failure error={stats.error} onRetry={() => void stats.refetch()} />
      </Card>
    );
  }
  const { trades, currency, totals, unconverted_trades } = stats.data;
  if (trades === 0 && unconverted_trades === 0) {
    return (
      <Card isFlush>
        <Empty icon={ChartLine} title={t('empty')} hint={t('emptyHint')} />
      </Card>
    );
  }
  // Amounts of several currencies are never added up.
  if (currency === null) return <Totals totals={totals} onChoose={onCurrency} />;
  return (
    <>
      <MissingRates stats={stats.data} />
      {trades === 0 ? (
        <Totals totals={totals} onChoose={onCurrency} isTold />
      ) : (
        <OneCurrency stats={stats.data} currency={currency} />
      )}
    </>
  );
}

interface OneCurrencyProps {
  stats: Stats;
  currency: string;
}

function OneCurrency({ stats, currency }: OneCurrencyProps) {
  const t = useTranslations('stats');
  return (
    <div className="flex flex-col gap-4">
      <div className="-mb-4">
        <Headline stats={stats} currency={currency} />
      </div>
      {stats.unknown_trades > 0 && (
        <p className="text-muted text-sm">{t('unknown', { count: stats.unknown_trades })}</p>
      )}
      {stats.curve.length > 0 && (
        <EquityCard curve={stats.curve} currency={currency} start={stats.starting_balance} />
      )}
      <FigureList stats={stats} />
      <Months days={stats.days} currency={currency} />
      <div className="grid gap-4 lg:grid-cols-2">
        {stats.pnl_distribution.length > 0 && (
          <Distribution
            title={t('distribution.pnl')}
            note={t('distribution.pnlNote')}
            bins={stats.pnl_distribution}
            unit={currency}
          />
        )}
        {stats.r_distribution.length > 0 && (
          <Distribution
            title={t('distribution.r')}
            note={t('distribution.rNote')}
            bins={stats.r_distribution}
            unit="R"
          />
        )}
      </div>
      {stats.scatter.length > 0 && (
        <HoldingScatter sample={stats.scatter} all={stats.trades} currency={currency} />
      )}
      {stats.totals.some((total) => total.currency !== currency) && (
        <Totals totals={stats.totals} isTold />
      )}
      <Slices stats={stats} currency={currency} />
    </div>
  );
}

function Headline({ stats, currency }: { stats: Stats; currency: string }) {
  const t = useTranslations('stats');
  return (
    <Tiles>
      <Tile label={t('figures.total.name')} hint={t('trades', { count: stats.trades })}>
        <Delta value={stats.total_pnl} currency={currency} />
      </Tile>
      <Tile label={t('figures.winRate.name')}>
        <Percent value={stats.win_rate} />
      </Tile>
      <Tile label={t('figures.profitFactor.name')}>
        <Ratio value={stats.profit_factor} />
      </Tile>
      <Tile
        label={t('figures.drawdown.name')}
        hint={<Percent value={stats.max_drawdown?.percent ?? null} />}
      >
        <Money value={stats.max_drawdown?.money ?? null} currency={currency} />
      </Tile>
    </Tiles>
  );
}
