import { Link, useRouter } from '@tanstack/react-router';
import { Compass } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { ApiError } from '@/api/problem';
import { Empty, Failure, Loading } from '@/components/states';
import { buttonClass } from '@/components/ui/button';

export function Waiting() {
  return (
    <div className="mx-auto w-full max-w-6xl p-4 sm:p-6">
      <Loading rows={6} />
    </div>
  );
}

export function NotFound() {
  const t = useTranslations('errors');
  return (
    <Empty
      icon={Compass}
      title={t('notFound')}
      hint={t('notFoundHint')}
      action={
        <Link to="/accounts" className={buttonClass('primary')}>
          {t('toAccounts')}
        </Link>
      }
    />
  );
}

/** A page that could not be shown: no answer, or a fault of ours. */
export function PageFailure({ error }: { error: unknown }) {
  const router = useRouter();
  if (error instanceof ApiError && error.status === 404) return <NotFound />;
  return (
    <Failure
      error={error instanceof Error ? error : new Error(String(error))}
      onRetry={() => void router.invalidate()}
    />
  );
}
