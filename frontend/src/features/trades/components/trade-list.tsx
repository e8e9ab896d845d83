import { useInfiniteQuery } from '@tanstack/react-query';
import { RotateCw, ScrollText } from 'lucide-react';
import { type ReactNode, useEffect, useRef } from 'react';
import { useTranslations } from 'use-intl';
import type { TradeFilter } from '@/api/stream/apply';
import type { Account, Trade } from '@/api/types';
import { type Column, DataTable, type Sorting } from '@/components/data-table';
import { watchNearness } from '@/components/nearness';
import { Card } from '@/components/page';
import { ProblemText } from '@/components/problem';
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
  const { hasNextPage, isFetching, isFetchNextPageError, dataUpdatedAt } = trades;
  // What is being read again is not cut off: it would be taken for read.
  const goOn = () => void trades.fetchNextPage({ cancelRefetch: false });
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
            {isFetchNextPageError ? (
              <div className="[&>p]:mt-0">
                <ProblemText error={trades.error} />
              </div>
            ) : (
              <span>{t(hasNextPage ? 'trades.soFar' : 'trades.end', { count: rows.length })}</span>
            )}
            {hasNextPage && (
              <More
                count={rows.length}
                readAt={dataUpdatedAt}
                isReady={!isFetching && !isFetchNextPageError}
                onReached={goOn}
              >
                <Button
                  onClick={goOn}
                  isBusy={isFetching}
                  {...(isFetchNextPageError && { icon: RotateCw })}
                >
                  {t(isFetchNextPageError ? 'common.retry' : 'common.loadMore')}
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
  /** When they were read: a short reading may be over before anybody sees that it is under way. */
  readAt: number;
  /** Nothing is being read, and nothing has to be tried again by hand. */
  isReady: boolean;
  onReached: () => void;
  children: ReactNode;
}

/** Says while it is near the screen and may: on the way down only, so not at the top of the page. */
function More({ count, readAt, isReady, onReached, children }: MoreProps) {
  const mark = useRef<HTMLSpanElement>(null);
  const latest = useRef(onReached);
  useEffect(() => {
    latest.current = onReached;
  });
  // Looks anew when a reading ends, whatever became of it: nothing is told of what stays where it was.
  // biome-ignore lint/correctness/useExhaustiveDependencies: a page may come without being waited for
  useEffect(() => {
    if (!isReady || !mark.current) return;
    let isNear = false;
    const look = () => {
      if (isNear && scrollY > 0) latest.current();
    };
    const stop = watchNearness(mark.current, '800px 0px', ({ isIntersecting }) => {
      isNear = isIntersecting;
      look();
    });
    // On a high screen it is near from the start, and comes no nearer.
    addEventListener('scroll', look, { passive: true });
    return () => {
      stop();
      removeEventListener('scroll', look);
    };
  }, [count, readAt, isReady]);
  return <span ref={mark}>{children}</span>;
}
