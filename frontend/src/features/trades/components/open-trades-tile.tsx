import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { Tile } from '@/components/page';
import { openTradesQuery } from '../queries';

export function OpenTradesTile({ accountId }: { accountId: string }) {
  const t = useTranslations('dashboard');
  const trades = useQuery(openTradesQuery(accountId));
  return (
    <Tile label={t('openTrades')}>
      <span className="figures">{trades.data?.items.length ?? '…'}</span>
    </Tile>
  );
}
