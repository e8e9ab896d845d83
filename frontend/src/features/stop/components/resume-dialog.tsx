import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { StopCopying, StopState } from '@/api/types';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { useStop } from '../queries';

interface ResumeDialogProps {
  stop: StopState['stops'][number] | null;
  name: string;
  /** A guard stopped it. */
  isOfGuard: boolean;
  onClose: () => void;
}

/** Asks before copying goes on. */
export function ResumeDialog({ onClose, ...asked }: ResumeDialogProps) {
  const t = useTranslations('stopping');
  const resume = useStop();
  const [last, setLast] = useState(asked);
  if (asked.stop !== null && asked.stop !== last.stop) setLast(asked);
  // While it closes it names what it asked about, not everything.
  const { stop, name, isOfGuard } = asked.stop === null ? last : asked;
  if (stop === null) return null;
  const { scope, account_id, group_id } = stop;
  const body: StopCopying = {
    scope,
    action: 'resume',
    ...(account_id !== null && { account_id }),
    ...(group_id !== null && { group_id }),
  };
  return (
    <ConfirmDialog
      isOpen={asked.stop !== null}
      onClose={onClose}
      onConfirm={() => resume.mutate(body, { onSuccess: onClose })}
      title={t('resumeTitle')}
      consequence={isOfGuard ? t('resumeGuard') : t(`resumeConsequence.${scope}`, { name })}
      verb={t('resumeVerb')}
      isBusy={resume.isPending}
      error={resume.error}
      isDanger={false}
    />
  );
}
