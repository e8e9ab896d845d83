import { useInfiniteQuery } from '@tanstack/react-query';
import { ScrollText } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import type { TradeFilter } from '@/api/stream/apply';
import type { Account } from '@/api/types';
import { DataTable } from '@/components/data-table';
import { Card } from '@/components/page';
import { Empty, Failure, Loading } from '@/components/states';
import { Button } from '@/components/ui/button';
import { tradePagesQuery } from '../queries';
import { useTradeColumns } from './trade-columns';

interface TradeListProps {
  accounts: ReadonlyMap<string, Account>;
  filter: TradeFilter;
  /** What to do when nothing fits the filter. */
  clear?: ReactNode;
}

/** The journal, filtered, page by page. */
export function TradeList({ accounts, filter, clear }: TradeListProps) {
  const t = useTranslations();
  const trades = useInfiniteQuery(tradePagesQuery(filter));
  const columns = useTradeColumns(accounts);

  if (trades.isPending)
    return (
      <Card isFlush>
        <Loading rows={8} />
      </Card>
    );
  if (trades.isError) {
    return (
      <Card isFlush>
        <Failure error={trades.error} onRetry={() => void trades.refetch()} />
      </Card>
    );
  }
  const rows = trades.data.pages.flatMap((page) => page.items);
  if (rows.length === 0) {
    return (
      <Card isFlush>
        <Empty
          icon={ScrollText}
          title={t(clear ? 'trades.emptyFiltered' : 'trades.empty')}
          hint={t('trades.emptyHint')}
          action={clear}
        />
      </Card>
    );
  }
  return (
    <Card isFlush>
      <DataTable
        label={t('trades.title')}
        columns={Object.values(columns).filter(
          ({ id }) => id !== 'exit' && (id !== 'account' || filter.account_id === undefined),
        )}
        rows={rows}
        rowKey={(trade) => trade.id}
        isWide
        footer={
          <>
            <span>{t('trades.end', { count: rows.length })}</span>
            {trades.hasNextPage && (
              <Button
                onClick={() => void trades.fetchNextPage()}
                isBusy={trades.isFetchingNextPage}
              >
                {t('common.loadMore')}
              </Button>
            )}
          </>
        }
      />
    </Card>
  );
}
