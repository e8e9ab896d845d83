import { useInfiniteQuery } from '@tanstack/react-query';
import { CalendarDays } from 'lucide-react';
import { useTranslations } from 'use-intl';
import type { RiskDay } from '@/api/types';
import { type Column, DataTable } from '@/components/data-table';
import { Delta, Money } from '@/components/figures';
import { Pill } from '@/components/pill';
import { Empty, Failure, Loading } from '@/components/states';
import { Button } from '@/components/ui/button';
import { daysQuery } from '../queries';
import { StatusPill } from './status-pill';

/** The days of an account by its own clock, newest first: the table behind the calendar. */
export function DayTable({ accountId, currency }: { accountId: string; currency: string }) {
  const t = useTranslations('risk.days');
  const days = useInfiniteQuery(daysQuery(accountId));
  const more = useTranslations('common');
  const rows = days.data?.pages.flatMap(({ items }) => items) ?? [];
  const columns = useColumns(currency);
  return (
    <>
      {days.isPending && <Loading rows={3} />}
      {days.isError && <Failure error={days.error} onRetry={() => void days.refetch()} />}
      {days.data && rows.length === 0 && (
        <Empty icon={CalendarDays} title={t('empty')} hint={t('emptyHint')} />
      )}
      {rows.length > 0 && (
        <DataTable
          isWide
          label={t('title')}
          columns={columns}
          rows={rows}
          // Of two phases that met, a day may be there twice.
          rowKey={({ label, started_at }) => `${label} ${started_at}`}
          footer={
            days.hasNextPage && (
              <Button onClick={() => void days.fetchNextPage()} isBusy={days.isFetchingNextPage}>
                {more('loadMore')}
              </Button>
            )
          }
        />
      )}
    </>
  );
}

function useColumns(currency: string): Column<RiskDay>[] {
  const t = useTranslations('risk.days');
  return [
    {
      id: 'day',
      header: t('day'),
      phone: 'title',
      cell: ({ label, running }) => (
        <span className="figures inline-flex items-center gap-2 whitespace-nowrap">
          {label}
          {running && <Pill tone="accent">{t('running')}</Pill>}
        </span>
      ),
    },
    {
      id: 'worst',
      header: t('worst'),
      phone: 'detail',
      cell: ({ worst_status }) => worst_status && <StatusPill status={worst_status} />,
    },
    {
      id: 'start',
      header: t('start'),
      align: 'right',
      phone: 'wide',
      cell: ({ start_equity }) => <Money value={start_equity} currency={currency} />,
    },
    {
      id: 'low',
      header: t('low'),
      align: 'right',
      phone: 'wide',
      cell: ({ low_equity }) => <Money value={low_equity} currency={currency} />,
    },
    {
      id: 'high',
      header: t('high'),
      align: 'right',
      phone: 'wide',
      cell: ({ high_equity }) => <Money value={high_equity} currency={currency} />,
    },
    {
      id: 'closed',
      header: t('closed'),
      align: 'right',
      phone: 'detail',
      cell: ({ closed }) => (
        <>
          <span className="spread:hidden">{t('closed')} </span>
          <Delta value={closed} currency={currency} />
        </>
      ),
    },
    {
      id: 'change',
      header: t('change'),
      align: 'right',
      phone: 'figure',
      cell: ({ change }) => <Delta value={change} currency={currency} />,
    },
  ];
}
