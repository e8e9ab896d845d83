import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import type { Stats } from '@/api/types';
import { Delta, Money, Percent } from '@/components/figures';
import { Card, Tile, Tiles } from '@/components/page';
import { Failure, Loading } from '@/components/states';
import { type Counted, chosenAccounts, isAnybody } from '../filter';
import { statsQuery } from '../queries';
import { CountedNote } from './counted';
import { Totals } from './totals';

/** What the trades of the own accounts that count brought, in short. */
export function OwnResults({ counted }: { counted: Counted | undefined }) {
  const t = useTranslations('settings');
  const chosen = chosenAccounts({}, counted);
  const stats = useQuery({
    ...statsQuery(chosen ? { account_id: chosen } : {}),
    enabled: isAnybody(chosen),
  });
  const isNobody = chosen?.length === 0;
  if (!isNobody && stats.isSuccess && stats.data.trades > 0 && stats.data.currency === null) {
    // Amounts of several currencies are never added up.
    return (
      <>
        <Totals totals={stats.data.totals} />
        <CountedNote counted={counted} />
      </>
    );
  }
  return (
    <Card title={t('results')}>
      <CountedNote counted={counted} />
      {!isNobody && stats.isPending && <Loading rows={2} />}
      {stats.isError && <Failure error={stats.error} onRetry={() => void stats.refetch()} />}
      {!isNobody && stats.isSuccess && <Results stats={stats.data} />}
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
