import { useInfiniteQuery } from '@tanstack/react-query';
import { ScrollText } from 'lucide-react';
import { type ReactNode, useEffect, useRef } from 'react';
import { useTranslations } from 'use-intl';
import type { TradeFilter } from '@/api/stream/apply';
import type { Account, Trade } from '@/api/types';
import { type Column, DataTable, type Sorting } from '@/components/data-table';
import { Card } from '@/components/page';
import { Empty, Failure, Loading } from '@/components/states';
import { Button } from '@/components/ui/button';
import { tradePagesQuery } from '../queries';
import { useJournalColumns } from './journal-columns';

interface TradeListProps {
  accounts: ReadonlyMap<string, Account>;
  filter: TradeFilter;
  onOpen: (trade: Trade) => void;
  sorting?: Sorting;
  /** What to do when nothing is there, or nothing fits the filter. */
  isNarrowed?: boolean;
  action?: ReactNode;
  /** Before the others: what a row is chosen by. */
  lead?: Column<Trade>;
  /** Above the rows; it stays where the last of them went. */
  bar?: (rows: Trade[]) => ReactNode;
}

/** The journal, filtered, page by page; the next page comes before its end is reached. */
export function TradeList({
  accounts,
  filter,
  onOpen,
  sorting,
  isNarrowed = false,
  action,
  lead,
  bar,
}: TradeListProps) {
  const t = useTranslations();
  const trades = useInfiniteQuery(tradePagesQuery(filter));
  const columns = useJournalColumns(accounts, onOpen);

  if (trades.isPending)
    return (
      <Card isFlush>
        <Loading rows={8} />
      </Card>
    );
  // What was read stays where reading it again failed.
  if (trades.isLoadingError) {
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
        {bar?.(rows)}
        <Empty
          icon={ScrollText}
          title={t(isNarrowed ? 'trades.emptyFiltered' : 'trades.empty')}
          hint={t(isNarrowed ? 'trades.emptyFilteredHint' : 'trades.emptyHint')}
          action={action}
        />
      </Card>
    );
  }
  const { hasNextPage, isFetchingNextPage } = trades;
  const goOn = () => void trades.fetchNextPage();
  return (
    <Card isFlush>
      {bar?.(rows)}
      <DataTable
        label={t('trades.title')}
        columns={[
          ...(lead ? [lead] : []),
          ...columns.filter(({ id }) => id !== 'account' || filter.account_id === undefined),
        ]}
        rows={rows}
        rowKey={(trade) => trade.id}
        isWide
        onOpen={onOpen}
        {...(sorting && { sorting })}
        footer={
          <>
            <span>{t(hasNextPage ? 'trades.soFar' : 'trades.end', { count: rows.length })}</span>
            {hasNextPage && (
              <More
                count={rows.length}
                onReached={() => {
                  if (!isFetchingNextPage) goOn();
                }}
              >
                <Button onClick={goOn} isBusy={isFetchingNextPage}>
                  {t('common.loadMore')}
                </Button>
              </More>
            )}
          </>
        }
      />
    </Card>
  );
}

interface MoreProps {
  /** Of rows above it. */
  count: number;
  onReached: () => void;
  children: ReactNode;
}

/** Says when it comes near the screen, which it does on the way down only, and after each page that leaves it there. */
function More({ count, onReached, children }: MoreProps) {
  const mark = useRef<HTMLSpanElement>(null);
  const latest = useRef(onReached);
  useEffect(() => {
    latest.current = onReached;
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: an observer says nothing of what stays where it was
  useEffect(() => {
    if (!mark.current || !('IntersectionObserver' in window)) return;
    const observer = new IntersectionObserver(
      ([entry]) => entry?.isIntersecting && scrollY > 0 && latest.current(),
      { rootMargin: '800px 0px' },
    );
    observer.observe(mark.current);
    return () => observer.disconnect();
  }, [count]);
  return <span ref={mark}>{children}</span>;
}
