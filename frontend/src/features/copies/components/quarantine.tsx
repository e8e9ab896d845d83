import { useInfiniteQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import type { Orphan } from '@/api/types';
import { type Column, DataTable } from '@/components/data-table';
import { Figure, NoValue } from '@/components/figures';
import { Side } from '@/components/side';
import { Failure, Loading } from '@/components/states';
import { Ago, Moment } from '@/components/time';
import { Button } from '@/components/ui/button';
import { orphanPagesQuery } from '../queries';

/** Positions of the terminal that no copy owns: shown, explained, never touched. */
export function Quarantine({ accountId }: { accountId: string }) {
  const t = useTranslations();
  const columns = useColumns();
  const list = useInfiniteQuery(orphanPagesQuery(accountId));
  const orphans = list.data?.pages.flatMap((page) => page.items) ?? [];
  if (list.data && orphans.length === 0) return null;
  return (
    <section aria-labelledby="quarantine" className="border-line border-t">
      <div className="px-4 py-3">
        <h2 id="quarantine" className="font-semibold">
          {t('quarantine.title')}
        </h2>
        <p className="max-w-prose text-pretty text-muted">{t('quarantine.intro')}</p>
      </div>
      {list.isPending && <Loading rows={2} />}
      {list.isError && <Failure error={list.error} onRetry={() => void list.refetch()} />}
      {orphans.length > 0 && (
        <DataTable
          label={t('quarantine.title')}
          columns={columns}
          rows={orphans}
          rowKey={({ ticket }) => ticket}
          footer={
            list.hasNextPage ? (
              <Button onClick={() => void list.fetchNextPage()} isBusy={list.isFetchingNextPage}>
                {t('common.loadMore')}
              </Button>
            ) : undefined
          }
        />
      )}
    </section>
  );
}

function useColumns(): Column<Orphan>[] {
  const t = useTranslations('quarantine.columns');
  return [
    {
      id: 'ticket',
      header: t('ticket'),
      phone: 'title',
      cell: ({ ticket }) => <span className="figures font-medium">#{ticket}</span>,
    },
    {
      id: 'master',
      header: t('master'),
      phone: 'detail',
      cell: ({ master_ticket }) =>
        master_ticket ? <span className="figures">#{master_ticket}</span> : <NoValue />,
    },
    {
      id: 'side',
      header: t('side'),
      phone: 'detail',
      cell: ({ side }) => (side ? <Side side={side} /> : <NoValue />),
    },
    {
      id: 'lots',
      header: t('lots'),
      align: 'right',
      phone: 'wide',
      cell: ({ lots }) => <Figure value={lots} places={2} />,
    },
    {
      id: 'first',
      header: t('first'),
      phone: 'detail',
      cell: ({ first_seen_at }) => <Moment at={first_seen_at} />,
    },
    {
      id: 'last',
      header: t('last'),
      phone: 'state',
      cell: ({ last_seen_at }) => <Ago at={last_seen_at} />,
    },
  ];
}
