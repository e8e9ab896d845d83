import { CircleAlert, type LucideIcon, RotateCw } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { ApiError } from '@/api/problem';
import { useProblemText } from './problem';
import { Button } from './ui/button';
import { CopyButton } from './ui/copy-button';

interface LoadingProps {
  rows?: number;
  /** In place of a page: it has the page's one heading. */
  isPage?: boolean;
}

/** Grey bars of the height that the rows will have. */
export function Loading({ rows = 4, isPage = false }: LoadingProps) {
  const t = useTranslations('common');
  const Heading = isPage ? 'h1' : 'span';
  return (
    <div role="status" className="flex flex-col">
      <Heading className="sr-only">{t('loading')}</Heading>
      {Array.from({ length: rows }, (_, row) => row).map((row) => (
        <div
          key={row}
          aria-hidden
          className="flex h-11 items-center gap-4 border-line border-b px-4 last:border-0"
        >
          <div className="h-3 w-1/4 animate-pulse rounded-full bg-surface-2" />
          <div className="h-3 flex-1 animate-pulse rounded-full bg-surface-2" />
          <div className="h-3 w-16 animate-pulse rounded-full bg-surface-2" />
        </div>
      ))}
    </div>
  );
}

interface EmptyProps {
  icon: LucideIcon;
  title: string;
  hint: string;
  /** The one thing to do about it. */
  action?: ReactNode;
}

/** What would be here, and why it is not. */
export function Empty({ icon: Icon, title, hint, action }: EmptyProps) {
  return (
    <div className="flex flex-col items-center gap-1 px-6 py-10 text-center">
      <Icon aria-hidden size={20} className="mb-2 text-muted" />
      <p className="font-medium">{title}</p>
      <p className="max-w-md text-pretty text-muted">{hint}</p>
      {action !== undefined && <div className="mt-4">{action}</div>}
    </div>
  );
}

interface FailureProps {
  error: Error;
  onRetry?: () => void;
  /** In place of a page: it has the page's one heading. */
  isPage?: boolean;
}

/** What failed, a retry, and the code to report. */
export function Failure({ error, onRetry, isPage = false }: FailureProps) {
  const t = useTranslations();
  const text = useProblemText();
  const isAnswer = error instanceof ApiError;
  const code = isAnswer ? error.code : error.name;
  const Heading = isPage ? 'h1' : 'p';
  return (
    <div role="alert" className="flex flex-col items-center gap-1 px-6 py-10 text-center">
      <CircleAlert aria-hidden size={20} className="mb-2 text-negative" />
      <Heading className="font-medium">{t(isAnswer ? 'errors.title' : 'errors.crashed')}</Heading>
      <p className="max-w-md text-pretty text-muted">
        {isAnswer ? text(error) : t('errors.crashedHint')}
      </p>
      <p className="flex items-center text-muted text-sm">
        {t('errors.code', { code })}
        <CopyButton text={code} what={t('errors.code', { code })} />
      </p>
      {onRetry && (
        <div className="mt-2">
          <Button icon={RotateCw} onClick={onRetry}>
            {t('common.retry')}
          </Button>
        </div>
      )}
    </div>
  );
}
