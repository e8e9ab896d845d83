import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { Money } from '@/components/figures';
import { FigureRoom, Tile, Tiles } from '@/components/page';
import { Failure } from '@/components/states';
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
  if (stats.isLoadingError)
    return <Failure error={stats.error} onRetry={() => void stats.refetch()} />;
  // While another currency is fetched, that of before is still shown, under its own name.
  const told = stats.data?.currency ?? currency;
  const money = (value: 'balance' | 'equity') =>
    stats.data ? <Money value={stats.data[value]} currency={told} /> : <FigureRoom />;
  return (
    <>
      {stats.data && <MissingRates stats={stats.data} />}
      <Tiles>
        <Tile label={t('balance')}>{money('balance')}</Tile>
        <Tile label={t('equity')}>{money('equity')}</Tile>
      </Tiles>
      <Brought stats={stats.data} currency={told} />
    </>
  );
}
