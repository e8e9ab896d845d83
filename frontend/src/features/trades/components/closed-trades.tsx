import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ScrollText } from 'lucide-react';
import { useTranslations } from 'use-intl';
import type { Account } from '@/api/types';
import { DataTable } from '@/components/data-table';
import { Card } from '@/components/page';
import { Empty, Failure, Loading } from '@/components/states';
import { closedTradesQuery } from '../queries';
import { useTradeColumns } from './trade-columns';

/** Rows shown; the journal has the others. */
const NEWEST = 10;

/** What an account closed last, live. */
export function ClosedTrades({ account }: { account: Account }) {
  const t = useTranslations('trades');
  const trades = useQuery(closedTradesQuery(account.id));
  const columns = useTradeColumns(new Map([[account.id, account]]));
  const items = trades.data?.items ?? [];

  const all = items.length > NEWEST && (
    <Link
      to="/trades"
      search={{ account: account.id, status: 'closed' }}
      className="text-accent hover:underline"
    >
      {t('allClosed')}
    </Link>
  );
  return (
    <Card title={t('closed')} aside={all} isFlush>
      {trades.isPending && <Loading />}
      {trades.isError && <Failure error={trades.error} onRetry={() => void trades.refetch()} />}
      {trades.data && items.length === 0 && (
        <Empty icon={ScrollText} title={t('emptyClosed')} hint={t('emptyClosedHint')} />
      )}
      {items.length > 0 && (
        <DataTable
          label={t('closed')}
          columns={[
            columns.symbol,
            columns.direction,
            columns.quantity,
            columns.entryPrice,
            columns.exitPrice,
            columns.exit,
            columns.pnl,
          ]}
          rows={items.slice(0, NEWEST)}
          rowKey={(trade) => trade.id}
        />
      )}
    </Card>
  );
}
