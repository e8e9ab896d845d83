import { useInfiniteQuery } from '@tanstack/react-query';
import { SearchX, Telescope } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { LoadMore } from '@/components/load-more';
import { Empty, Failure, Loading } from '@/components/states';
import { Button } from '@/components/ui/button';
import { SelectField, TextField } from '@/components/ui/field';
import { directoryQuery } from '../queries';
import { type DirectoryFilter, RANKINGS } from '../rankings';
import { MasterCard } from './master-card';

interface DirectoryProps {
  filter: DirectoryFilter;
  onChange: (filter: DirectoryFilter) => void;
}

/** Masters that may be followed, found by name and ranked. */
export function Directory({ filter, onChange }: DirectoryProps) {
  return (
    <>
      <Controls filter={filter} onChange={onChange} />
      <Cards filter={filter} onChange={onChange} />
    </>
  );
}

function Controls({ filter, onChange }: DirectoryProps) {
  const t = useTranslations('masters');
  const { search, sort = 'followers' } = filter;
  return (
    <form
      aria-label={t('filters')}
      className="mb-4 grid grid-cols-2 gap-3 sm:grid-cols-[minmax(0,20rem)_14rem]"
      onSubmit={(event) => event.preventDefault()}
    >
      <TextField
        key={search}
        type="search"
        label={t('search')}
        autoComplete="off"
        maxLength={100}
        {...(search && { defaultValue: search })}
        onBlur={(event) => {
          const typed = event.currentTarget.value.trim() || undefined;
          if (typed !== search) onChange({ ...filter, search: typed });
        }}
        onKeyDown={(event) => event.key === 'Enter' && event.currentTarget.blur()}
      />
      <SelectField
        label={t('ranking')}
        value={sort}
        onChange={(event) => {
          const next = RANKINGS.find((each) => each === event.currentTarget.value);
          onChange({ ...filter, sort: next === 'followers' ? undefined : next });
        }}
        options={RANKINGS.map((value) => ({ value, label: t(`rankings.${value}`) }))}
      />
    </form>
  );
}

function Cards({ filter, onChange }: DirectoryProps) {
  const t = useTranslations();
  const list = useInfiniteQuery(directoryQuery(filter));
  if (list.isPending) return <Loading rows={6} />;
  if (list.isLoadingError)
    return <Failure error={list.error} onRetry={() => void list.refetch()} />;
  const masters = list.data.pages.flatMap((page) => page.items);
  if (masters.length === 0 && filter.search) {
    return (
      <Empty
        icon={SearchX}
        title={t('masters.nothingFits', { search: filter.search })}
        hint={t('masters.nothingFitsHint')}
        action={
          <Button onClick={() => onChange({ ...filter, search: undefined })}>
            {t('masters.clear')}
          </Button>
        }
      />
    );
  }
  if (masters.length === 0) {
    return <Empty icon={Telescope} title={t('masters.empty')} hint={t('masters.emptyHint')} />;
  }
  return (
    <>
      <ul className="grid gap-4 sm:grid-cols-2 xl:grid-cols-3">
        {masters.map((master) => (
          <MasterCard key={master.slug} master={master} />
        ))}
      </ul>
      {list.hasNextPage && (
        <div className="mt-4 flex flex-col items-center">
          <LoadMore list={list} />
        </div>
      )}
    </>
  );
}
