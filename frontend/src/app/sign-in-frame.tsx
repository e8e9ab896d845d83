import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { Logo } from '@/components/logo';
import { LanguageMenu, ThemeMenu } from '@/components/preference-menus';
import { usePageTitle } from '@/lib/page-title';
import { Footer } from './footer';

/** What sign-in and sign-up look like around their form. */
export function SignInFrame({ title, children }: { title: string; children: ReactNode }) {
  const t = useTranslations();
  usePageTitle(title);
  return (
    <div className="flex min-h-dvh flex-col">
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
      <main className="mx-auto flex w-full max-w-sm flex-1 flex-col justify-center px-4 py-8">
        <p className="mb-6 text-pretty text-muted">
          <span className="block font-semibold text-ink text-xl">{t('session.tagline')}</span>
          <span className="mt-1 block">{t('session.pitch')}</span>
        </p>
        <div className="rounded-card border border-line bg-surface-1 p-5">
          <h1 className="mb-4 font-semibold text-lg">{title}</h1>
          {children}
        </div>
      </main>
      <Footer />
    </div>
  );
}
