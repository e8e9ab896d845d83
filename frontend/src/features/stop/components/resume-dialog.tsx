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
export function ResumeDialog({ stop, name, isOfGuard, onClose }: ResumeDialogProps) {
  const t = useTranslations('stopping');
  const resume = useStop();
  const scope = stop?.scope ?? 'all';
  const body: StopCopying = {
    scope,
    action: 'resume',
    ...(stop?.account_id && { account_id: stop.account_id }),
    ...(stop?.group_id && { group_id: stop.group_id }),
  };
  return (
    <ConfirmDialog
      isOpen={stop !== null}
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
