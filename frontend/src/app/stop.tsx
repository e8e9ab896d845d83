import { useQuery } from '@tanstack/react-query';
import { OctagonX } from 'lucide-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { accountsQuery } from '@/features/accounts/queries';
import { StopBanner } from '@/features/stop/components/stop-banner';
import { StopDialog } from '@/features/stop/components/stop-dialog';
import { StopProgress } from '@/features/stop/components/stop-progress';

/** The red button: stops copying, or closes everything, and shows how far that is. */
export function StopButton() {
  const t = useTranslations('stop');
  const [isAsking, setAsking] = useState(false);
  const [operation, setOperation] = useState<string | null>(null);
  const accounts = useQuery(accountsQuery).data?.items ?? [];
  return (
    <>
      <button
        type="button"
        aria-label={t('button')}
        title={t('button')}
        onClick={() => setAsking(true)}
        className="inline-flex h-9 touch:h-11 shrink-0 items-center justify-center gap-1.5 rounded-card border border-negative/50 px-2.5 font-medium text-negative hover:bg-surface-2 max-sm:w-9 touch:max-sm:w-11 max-sm:border-transparent max-sm:px-0"
      >
        <OctagonX aria-hidden size={18} />
        <span className="max-sm:hidden">{t('short')}</span>
      </button>
      <StopDialog
        isOpen={isAsking}
        onClose={() => setAsking(false)}
        accounts={accounts.filter(({ copy_role }) => copy_role !== 'none')}
        onAsked={(id) => {
          setAsking(false);
          setOperation(id);
        }}
      />
      <StopProgress operationId={operation} onClose={() => setOperation(null)} />
    </>
  );
}

/** Says above every page that copying is stopped, and lets it go on. */
export function StopStrip() {
  const [operation, setOperation] = useState<string | null>(null);
  const accounts = useQuery(accountsQuery).data?.items ?? [];
  const nameOf = (id: string) => accounts.find((account) => account.id === id)?.name;
  return (
    <>
      <StopBanner nameOf={nameOf} onShow={setOperation} />
      <StopProgress operationId={operation} onClose={() => setOperation(null)} />
    </>
  );
}
