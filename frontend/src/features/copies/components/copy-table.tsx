import {
  type InfiniteData,
  type UseInfiniteQueryResult,
  useInfiniteQuery,
} from '@tanstack/react-query';
import { CircleCheck, CopyCheck, ListX, SearchX, ShieldCheck } from 'lucide-react';
import { useTranslations } from 'use-intl';
import type { Copy, Page } from '@/api/types';
import { DataTable } from '@/components/data-table';
import { LoadMore } from '@/components/load-more';
import { Empty, Failure, Loading } from '@/components/states';
import { Button } from '@/components/ui/button';
import { copyPagesQuery } from '../queries';
import { COPY_GROUPS, type CopyGroup } from '../states';
import { useCopyColumns } from './copy-columns';
import { CopyFilters, type CopyNarrowing } from './copy-filters';

const EMPTY_ICONS = {
  all: CopyCheck,
  open: CopyCheck,
  closed: CircleCheck,
  missed: ListX,
  attention: ShieldCheck,
} as const;

export interface CopyTableProps {
  accountId: string;
  currency: string;
  group: CopyGroup | 'all';
  narrowing: CopyNarrowing;
  onNarrow: (narrowing: CopyNarrowing) => void;
}

/** Copies of one group, narrowed by what the address says. Where there is nothing, nothing can be narrowed. */
export function CopyTable({ accountId, ...props }: CopyTableProps) {
  const { group, narrowing, onNarrow } = props;
  const { state, reason, symbol } = narrowing;
  const states = state ? [state] : group === 'all' ? undefined : COPY_GROUPS[group];
  const list = useInfiniteQuery(copyPagesQuery(accountId, { states, reason, symbol }));
  const isEmpty = list.data?.pages[0]?.items.length === 0;
  return (
    <>
      {(!isEmpty || isNarrow(narrowing)) && (
        <CopyFilters group={group} narrowing={narrowing} onChange={onNarrow} />
      )}
      <Rows list={list} {...props} />
    </>
  );
}

function isNarrow({ state, reason, symbol }: CopyNarrowing): boolean {
  return Boolean(state ?? reason ?? symbol);
}

interface RowsProps extends Omit<CopyTableProps, 'accountId'> {
  list: UseInfiniteQueryResult<InfiniteData<Page<Copy>>>;
}

function Rows({ list, currency, group, narrowing, onNarrow }: RowsProps) {
  const t = useTranslations();
  const columns = useCopyColumns(group, currency);

  if (list.isPending) return <Loading />;
  if (list.isLoadingError)
    return <Failure error={list.error} onRetry={() => void list.refetch()} />;
  const copies = list.data.pages.flatMap((page) => page.items);
  if (copies.length === 0 && isNarrow(narrowing)) {
    return (
      <Empty
        icon={SearchX}
        title={t('copies.nothingFits')}
        hint={t('copies.nothingFitsHint')}
        action={<Button onClick={() => onNarrow({})}>{t('copies.filters.clear')}</Button>}
      />
    );
  }
  if (copies.length === 0) {
    return (
      <Empty
        icon={EMPTY_ICONS[group]}
        title={t(`copies.empty.${group}`)}
        hint={t(`copies.empty.${group}Hint`)}
      />
    );
  }
  return (
    <DataTable
      label={t(`copies.tabs.${group}`)}
      columns={columns.filter(({ id }) => isUsed(id, copies))}
      rows={copies}
      rowKey={(copy) => copy.id}
      isWide={group === 'open' || group === 'closed'}
      footer={
        <>
          <span>{t('copies.shown', { count: copies.length })}</span>
          <LoadMore list={list} />
        </>
      }
    />
  );
}

/** A column without a single value is left out. */
function isUsed(column: string, copies: Copy[]): boolean {
  if (column === 'reason') return copies.some((copy) => copy.reason);
  return true;
}
