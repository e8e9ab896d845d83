import { Link, useRouter } from '@tanstack/react-router';
import { Compass } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { ApiError } from '@/api/problem';
import { Failure, Loading } from '@/components/states';
import { buttonClass } from '@/components/ui/button';

export function Waiting() {
  return (
    <div className="mx-auto w-full max-w-7xl p-4 sm:p-6">
      <Loading isPage rows={6} />
    </div>
  );
}

/** In place of a page: it has the page's one heading. */
export function NotFound() {
  const t = useTranslations('errors');
  return (
    <div className="flex flex-col items-center gap-1 px-6 py-10 text-center">
      <Compass aria-hidden size={20} className="mb-2 text-muted" />
      <h1 className="font-medium">{t('notFound')}</h1>
      <p className="max-w-md text-pretty text-muted">{t('notFoundHint')}</p>
      <Link to="/accounts" className={`mt-4 ${buttonClass('primary')}`}>
        {t('toAccounts')}
      </Link>
    </div>
  );
}

/** An address that no route answers: there is no layout around it. */
export function Nowhere() {
  return (
    <main>
      <NotFound />
    </main>
  );
}

/** A page that could not be shown: no answer, or a fault of ours. */
export function PageFailure({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const router = useRouter();
  if (error instanceof ApiError && error.status === 404) return <NotFound />;
  return (
    <Failure
      isPage
      error={error instanceof Error ? error : new Error(String(error))}
      onRetry={onRetry ?? (() => void router.invalidate())}
    />
  );
}
