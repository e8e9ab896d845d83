import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { Money } from '@/components/figures';
import { Tile, Tiles } from '@/components/page';
import { Failure, Loading } from '@/components/states';
import { statsQuery } from '../queries';
import { MissingRates } from './missing-rates';
import { Brought } from './overview-figures';

interface OverviewConvertedProps {
  /** Of several currencies. */
  accountIds: string[];
  /** What all of it is told in. */
  currency: string;
}

/** What the accounts that count hold and have brought, told in one currency. */
export function OverviewConverted({ accountIds, currency }: OverviewConvertedProps) {
  const t = useTranslations('overview');
  const stats = useQuery(statsQuery({ account_id: accountIds, currency }));
  if (stats.isPending) return <Loading rows={4} />;
  if (stats.isLoadingError)
    return <Failure error={stats.error} onRetry={() => void stats.refetch()} />;
  // While another currency is fetched, that of before is still shown, under its own name.
  const told = stats.data.currency ?? currency;
  return (
    <>
      <MissingRates stats={stats.data} />
      <Tiles>
        <Tile label={t('balance')}>
          <Money value={stats.data.balance} currency={told} />
        </Tile>
        <Tile label={t('equity')}>
          <Money value={stats.data.equity} currency={told} />
        </Tile>
      </Tiles>
      <Brought stats={stats.data} currency={told} />
    </>
  );
}
