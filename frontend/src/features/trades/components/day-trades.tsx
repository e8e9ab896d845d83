import { useInfiniteQuery } from '@tanstack/react-query';
import { CalendarDays } from 'lucide-react';
import { useTranslations } from 'use-intl';
import type { Account, Trade } from '@/api/types';
import { DataTable } from '@/components/data-table';
import { Card } from '@/components/page';
import { Empty, Failure, Loading } from '@/components/states';
import { Button } from '@/components/ui/button';
import { daysAfter, startOf } from '@/lib/zone';
import { tradePagesQuery } from '../queries';
import { useJournalColumns } from './journal-columns';

interface DayTradesProps {
  day: string;
  zone: string;
  /** Of one account, or of all that count in a currency; neither: of all that count. */
  accountId: string | undefined;
  currency: string | undefined;
  /** Of these alone; none: of all that are asked for. */
  only: string[] | undefined;
  accounts: ReadonlyMap<string, Account>;
  onOpen: (trade: Trade) => void;
}

/** The trades that closed on a day, the last one first. */
export function DayTrades(props: DayTradesProps) {
  const { day, zone, accountId, currency, only, accounts, onOpen } = props;
  const t = useTranslations('trades');
  const trades = useInfiniteQuery(
    tradePagesQuery({
      status: 'closed',
      sort: '-exit_at',
      closed_from: startOf(zone, day)?.toISOString(),
      closed_to: startOf(zone, daysAfter(day, 1))?.toISOString(),
      account_id: accountId,
      currency,
      counted: true,
    }),
  );
  const columns = useJournalColumns(accounts, onOpen);
  // Which accounts count is chosen on this device, so the server cannot leave the others out.
  const rows = (trades.data?.pages.flatMap(({ items }) => items) ?? []).filter(
    ({ account_id }) => only?.includes(account_id) ?? true,
  );
  const isNone = rows.length === 0 && !trades.hasNextPage;
  return (
    <Card isFlush>
      {trades.isPending && <Loading rows={6} />}
      {trades.isError && <Failure error={trades.error} onRetry={() => void trades.refetch()} />}
      {trades.data && isNone && (
        <Empty icon={CalendarDays} title={t('emptyDay')} hint={t('emptyDayHint')} />
      )}
      {trades.data && !isNone && (
        <DataTable
          label={t('closed')}
          columns={columns.filter(({ id }) => id !== 'status')}
          rows={rows}
          rowKey={({ id }) => id}
          isWide
          onOpen={onOpen}
          footer={
            <>
              <span>{t(trades.hasNextPage ? 'soFar' : 'end', { count: rows.length })}</span>
              {trades.hasNextPage && (
                <Button
                  onClick={() => void trades.fetchNextPage()}
                  isBusy={trades.isFetchingNextPage}
                >
                  {t('more')}
                </Button>
              )}
            </>
          }
        />
      )}
    </Card>
  );
}
