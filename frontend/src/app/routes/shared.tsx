import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Unlink } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { ApiError } from '@/api/problem';
import { Logo } from '@/components/logo';
import { LanguageMenu, ThemeMenu } from '@/components/preference-menus';
import { Failure, Loading } from '@/components/states';
import { SharedView } from '@/features/sharing/components/shared-view';
import { sharedQuery } from '@/features/sharing/queries';
import { usePageTitle } from '@/lib/page-title';
import { Footer } from '../footer';

const route = getRouteApi('/shared/$token');

/** For strangers: without the frame of a signed-in user, and for no search engine. */
export function SharedPage() {
  const t = useTranslations();
  const { token } = route.useParams();
  usePageTitle(t('shares.page.title'));
  return (
    <div className="flex min-h-dvh flex-col">
      <meta name="robots" content="noindex, nofollow" />
      <meta name="referrer" content="no-referrer" />
      <header className="flex h-14 items-center justify-between px-4 sm:px-6">
        <span className="flex items-center gap-2.5 font-semibold text-lg">
          <Logo />
          {t('common.app')}
        </span>
        <span className="flex">
          <LanguageMenu />
          <ThemeMenu />
        </span>
      </header>
      <main className="mx-auto w-full max-w-5xl flex-1 px-4 py-5 sm:px-6">
        <Shown token={token} />
      </main>
      <Footer />
    </div>
  );
}

function Shown({ token }: { token: string }) {
  const figures = useQuery(sharedQuery(token));
  if (figures.isPending) return <Loading isPage rows={6} />;
  if (figures.isSuccess) return <SharedView figures={figures.data} />;
  if (figures.error instanceof ApiError && figures.error.status === 404) return <Gone />;
  return <Failure isPage error={figures.error} onRetry={() => void figures.refetch()} />;
}

function Gone() {
  const t = useTranslations('shares.page');
  return (
    <div className="flex flex-col items-center gap-1 px-6 py-10 text-center">
      <Unlink aria-hidden size={20} className="mb-2 text-muted" />
      <h1 className="font-medium">{t('gone')}</h1>
      <p className="max-w-md text-pretty text-muted">{t('goneHint')}</p>
    </div>
  );
}
