import { useQuery } from '@tanstack/react-query';
import { ScrollText } from 'lucide-react';
import { useTranslations } from 'use-intl';
import type { Account } from '@/api/types';
import { DataTable } from '@/components/data-table';
import { Card } from '@/components/page';
import { Empty, Failure, Loading } from '@/components/states';
import { openTradesQuery } from '../queries';
import { useTradeColumns } from './trade-columns';

/** What an account holds now, live. */
export function OpenTrades({ account }: { account: Account }) {
  const t = useTranslations('trades');
  const trades = useQuery(openTradesQuery(account.id));
  const columns = useTradeColumns(new Map([[account.id, account]]));
  return (
    <Card title={t('open')} isFlush>
      {trades.isPending && <Loading />}
      {trades.isError && <Failure error={trades.error} onRetry={() => void trades.refetch()} />}
      {trades.data?.items.length === 0 && (
        <Empty icon={ScrollText} title={t('emptyOpen')} hint={t('emptyOpenHint')} />
      )}
      {trades.data && trades.data.items.length > 0 && (
        <DataTable
          label={t('open')}
          columns={[
            columns.symbol,
            columns.direction,
            columns.quantity,
            columns.entryPrice,
            columns.limits,
            columns.entry,
            columns.floating,
          ]}
          rows={trades.data.items}
          rowKey={(trade) => trade.id}
        />
      )}
    </Card>
  );
}
