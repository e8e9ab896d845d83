import { useTranslations } from 'use-intl';
import { ProblemText } from './problem';
import { Button } from './ui/button';

interface LoadMoreProps {
  list: {
    hasNextPage: boolean;
    isFetchingNextPage: boolean;
    isFetchNextPageError: boolean;
    error: Error | null;
    fetchNextPage: () => unknown;
  };
  label?: string;
}

/** Reads on where a list goes on. Where that fails it is said, and what was read stays. */
export function LoadMore({ list, label }: LoadMoreProps) {
  const t = useTranslations('common');
  if (!list.hasNextPage) return null;
  return (
    <>
      <Button onClick={() => void list.fetchNextPage()} isBusy={list.isFetchingNextPage}>
        {label ?? t('loadMore')}
      </Button>
      <ProblemText error={list.isFetchNextPageError ? list.error : null} />
    </>
  );
}
