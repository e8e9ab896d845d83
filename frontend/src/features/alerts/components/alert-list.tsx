import { useInfiniteQuery } from '@tanstack/react-query';
import { BellOff, CheckCheck } from 'lucide-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { LoadMore } from '@/components/load-more';
import { ProblemText } from '@/components/problem';
import { Empty, Failure, Loading } from '@/components/states';
import { Button } from '@/components/ui/button';
import { alertsQuery, useReadAlert, useReadAllAlerts } from '../queries';
import { AlertItem } from './alert-item';

interface AlertListProps {
  /** Name of one of the user's accounts. */
  nameOf: (accountId: string) => string | undefined;
  onLeave?: () => void;
}

/** The inbox, with what can be done about it. */
export function AlertList({ nameOf, onLeave }: AlertListProps) {
  const [isUnreadOnly, setUnreadOnly] = useState(false);
  const query = useInfiniteQuery(alertsQuery(isUnreadOnly));
  const read = useReadAlert();
  const readAll = useReadAllAlerts();
  const newest = query.data?.[0];
  const hasUnread = query.data?.some((alert) => alert.read_at === null) ?? false;
  return (
    <div>
      <Tools
        isUnreadOnly={isUnreadOnly}
        onFilter={setUnreadOnly}
        onReadAll={newest && hasUnread ? () => readAll.mutate(newest.last_at) : undefined}
        isBusy={readAll.isPending}
      />
      <div className="px-4 [&>p]:mt-2 [&>p]:mb-3">
        <ProblemText error={read.error ?? readAll.error} />
      </div>
      <Rows query={query} isUnreadOnly={isUnreadOnly}>
        {query.data?.map((alert) => (
          <AlertItem
            key={alert.id}
            alert={alert}
            accountName={alert.account_id === null ? undefined : nameOf(alert.account_id)}
            onRead={() => read.mutate(alert.id)}
            onLeave={onLeave}
          />
        ))}
      </Rows>
    </div>
  );
}

interface ToolsProps {
  isUnreadOnly: boolean;
  onFilter: (isUnreadOnly: boolean) => void;
  onReadAll: (() => void) | undefined;
  isBusy: boolean;
}

function Tools({ isUnreadOnly, onFilter, onReadAll, isBusy }: ToolsProps) {
  const t = useTranslations('alerts');
  const choice =
    'h-9 touch:h-11 rounded-card px-3 text-muted hover:bg-surface-2 aria-pressed:bg-accent-soft aria-pressed:font-medium aria-pressed:text-accent';
  return (
    <div className="flex flex-wrap items-center justify-between gap-2 border-line border-b px-2 py-2">
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms. */}
      <div role="group" aria-label={t('show')} className="flex gap-1">
        {[false, true].map((unread) => (
          <button
            key={String(unread)}
            type="button"
            aria-pressed={isUnreadOnly === unread}
            onClick={() => onFilter(unread)}
            className={choice}
          >
            {t(unread ? 'unread' : 'all')}
          </button>
        ))}
      </div>
      <Button
        look="quiet"
        icon={CheckCheck}
        isBusy={isBusy}
        disabled={onReadAll === undefined}
        {...(onReadAll && { onClick: onReadAll })}
      >
        {t('readAll')}
      </Button>
    </div>
  );
}

interface RowsProps {
  query: {
    isPending: boolean;
    error: Error | null;
    data: readonly unknown[] | undefined;
    hasNextPage: boolean;
    isFetchingNextPage: boolean;
    isFetchNextPageError: boolean;
    refetch: () => unknown;
    fetchNextPage: () => unknown;
  };
  isUnreadOnly: boolean;
  children: React.ReactNode;
}

/** The rows, or why there are none. */
function Rows({ query, isUnreadOnly, children }: RowsProps) {
  const t = useTranslations('alerts');
  if (query.isPending) return <Loading rows={6} />;
  if (query.error && !query.data) {
    return <Failure error={query.error} onRetry={() => void query.refetch()} />;
  }
  if (!query.data?.length) {
    return (
      <Empty
        icon={BellOff}
        title={t(isUnreadOnly ? 'emptyUnread' : 'empty')}
        hint={t(isUnreadOnly ? 'emptyUnreadHint' : 'emptyHint')}
      />
    );
  }
  return (
    <>
      <ul aria-label={t('title')} className="divide-y divide-line">
        {children}
      </ul>
      {query.hasNextPage && (
        <div className="flex flex-col items-center border-line border-t p-3">
          <LoadMore list={query} label={t('more')} />
        </div>
      )}
    </>
  );
}
