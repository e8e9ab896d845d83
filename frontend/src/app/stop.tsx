import { useQuery } from '@tanstack/react-query';
import { OctagonX } from 'lucide-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { accountsQuery } from '@/features/accounts/queries';
import { groupsQuery } from '@/features/groups/queries';
import { StopBanner } from '@/features/stop/components/stop-banner';
import { StopDialog } from '@/features/stop/components/stop-dialog';
import { StopProgress } from '@/features/stop/components/stop-progress';

/** The red button: stops copying, or closes everything, and shows how far that is. */
export function StopButton() {
  const t = useTranslations('stop');
  const [isAsking, setAsking] = useState(false);
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
      <StopFlow isAsking={isAsking} onClose={() => setAsking(false)} />
    </>
  );
}

interface StopFlowProps {
  isAsking: boolean;
  onClose: () => void;
  /** The group that is chosen at first; everything otherwise. */
  groupId?: string | undefined;
}

/** Asks what to stop, then shows how far it is. */
export function StopFlow({ isAsking, onClose, groupId }: StopFlowProps) {
  const [operation, setOperation] = useState<string | null>(null);
  const accounts = useQuery(accountsQuery).data?.items ?? [];
  const groups = useQuery(groupsQuery).data?.items ?? [];
  return (
    <>
      <StopDialog
        isOpen={isAsking}
        onClose={onClose}
        accounts={accounts.filter(({ copy_role }) => copy_role !== 'none')}
        groups={groups}
        groupId={groupId}
        onAsked={(id) => {
          onClose();
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
  const groups = useQuery(groupsQuery).data?.items ?? [];
  const nameOf = (id: string) => [...accounts, ...groups].find((one) => one.id === id)?.name;
  return (
    <>
      <StopBanner nameOf={nameOf} onShow={setOperation} />
      <StopProgress operationId={operation} onClose={() => setOperation(null)} />
    </>
  );
}
