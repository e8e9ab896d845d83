import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import type { Stats } from '@/api/types';
import { Delta, Money, Percent } from '@/components/figures';
import { Card, Tile, Tiles } from '@/components/page';
import { Failure, Loading } from '@/components/states';
import { statsQuery } from '../queries';
import { Totals } from './totals';

/** What the trades of all own accounts brought, in short. */
export function OwnResults() {
  const t = useTranslations('settings');
  const stats = useQuery(statsQuery({}));
  if (stats.isSuccess && stats.data.trades > 0 && stats.data.currency === null) {
    // Amounts of several currencies are never added up.
    return <Totals totals={stats.data.totals} />;
  }
  return (
    <Card title={t('results')}>
      {stats.isPending && <Loading rows={2} />}
      {stats.isError && <Failure error={stats.error} onRetry={() => void stats.refetch()} />}
      {stats.isSuccess && <Results stats={stats.data} />}
    </Card>
  );
}

function Results({ stats }: { stats: Stats }) {
  const t = useTranslations('settings');
  if (stats.trades === 0 || stats.currency === null) {
    return <p className="text-pretty text-muted">{t('noResults')}</p>;
  }
  return (
    <div className="-mb-4">
      <Tiles>
        <Tile label={t('profit')} hint={<Percent value={stats.total_pnl_percent} places={2} />}>
          <Delta value={stats.total_pnl} currency={stats.currency} />
        </Tile>
        <Tile label={t('balance')}>
          <Money value={stats.balance} currency={stats.currency} />
        </Tile>
        <Tile label={t('winRate')}>
          <Percent value={stats.win_rate} />
        </Tile>
        <Tile label={t('trades')}>
          <span className="figures">{stats.trades}</span>
        </Tile>
      </Tiles>
    </div>
  );
}
