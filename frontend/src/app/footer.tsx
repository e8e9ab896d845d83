import { useQuery } from '@tanstack/react-query';
import { Keyboard } from 'lucide-react';
import { lazy, useState } from 'react';
import { useTranslations } from 'use-intl';
import { Later } from '@/components/later';
import { useShortcuts } from '@/components/shortcuts';
import { statusQuery } from '@/features/accounts/queries';
import { prepareTexts } from '@/lib/i18n/provider';

/** With the window it stands in, when somebody asks for it. */
const KeyList = lazy(async () => {
  const [{ KeyList }] = await Promise.all([import('./key-list'), prepareTexts('finding')]);
  return { default: KeyList };
});

export function Footer() {
  const t = useTranslations('nav');
  const [isListed, setListed] = useState(false);
  useShortcuts({ '?': () => setListed(true) });
  const status = useQuery(statusQuery);
  return (
    <footer className="flex flex-wrap items-center justify-between gap-x-6 gap-y-1 px-4 py-4 text-muted text-xs sm:px-6">
      <span className="figures">{t('version', { version: status.data?.version ?? '' })}</span>
      <span className="flex gap-4">
        <KeysButton onClick={() => setListed(true)} />
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
      <Later isWanted={isListed}>
        <KeyList isOpen={isListed} onClose={() => setListed(false)} />
      </Later>
    </footer>
  );
}

/** Where there is a keyboard. */
function KeysButton({ onClick }: { onClick: () => void }) {
  const t = useTranslations('nav');
  return (
    <button
      type="button"
      onClick={onClick}
      className="inline-flex touch:hidden items-center gap-1.5 underline-offset-2 hover:underline"
    >
      <Keyboard aria-hidden size={14} />
      {t('keys')}
    </button>
  );
}
