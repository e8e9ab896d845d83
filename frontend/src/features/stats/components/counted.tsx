import { Link } from '@tanstack/react-router';
import { Wallet } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { Card } from '@/components/page';
import { Empty, Loading } from '@/components/states';
import type { ChosenAccounts, Counted } from '../filter';

/** Says that some accounts are left out of what is shown, and where that is chosen. */
export function CountedNote({ counted }: { counted: Counted | undefined }) {
  const t = useTranslations('stats');
  if (!counted || counted.accounts.length === counted.all) return null;
  return (
    <p className="mb-4 text-pretty text-muted">
      {t.rich('counted', {
        count: counted.accounts.length,
        all: counted.all,
        link: (words) => (
          <Link to="/" className="text-accent underline">
            {words}
          </Link>
        ),
      })}
    </p>
  );
}

/** What is told of the chosen accounts, once it is known which they are. */
export function OfChosen({ chosen, children }: { chosen: ChosenAccounts; children: ReactNode }) {
  const t = useTranslations('stats');
  if (chosen === undefined) return <Loading rows={8} />;
  if (chosen?.length !== 0) return children;
  return (
    <Card isFlush>
      <Empty icon={Wallet} title={t('noneCounts')} hint={t('noneCountsHint')} />
    </Card>
  );
}
