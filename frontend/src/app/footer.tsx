import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { statusQuery } from '@/features/accounts/queries';

export function Footer() {
  const t = useTranslations('nav');
  const status = useQuery(statusQuery);
  return (
    <footer className="flex flex-wrap items-center justify-between gap-x-6 gap-y-1 px-4 py-4 text-muted text-xs sm:px-6">
      <span className="figures">{t('version', { version: status.data?.version ?? '' })}</span>
      <span className="flex gap-4">
        <a href="/docs" className="underline-offset-2 hover:underline">
          {t('documentation')}
        </a>
        <a
          href="https://www.tradingview.com/"
          rel="noreferrer"
          target="_blank"
          className="underline-offset-2 hover:underline"
        >
          {t('credit')}
        </a>
      </span>
    </footer>
  );
}
