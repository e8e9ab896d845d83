import { useTranslations } from 'use-intl';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { type GuardPlace, useResume } from '../guard-queries';

interface ResumeGuardProps {
  place: GuardPlace;
  isOpen: boolean;
  onClose: () => void;
}

/** Asks before copying goes on. */
export function ResumeGuard({ place, isOpen, onClose }: ResumeGuardProps) {
  const t = useTranslations();
  const resume = useResume(place);
  return (
    <ConfirmDialog
      isOpen={isOpen}
      onClose={onClose}
      onConfirm={() => resume.mutate(undefined, { onSuccess: onClose })}
      title={t('risk.guard.resumeTitle', { name: place.name })}
      consequence={t('stopping.resumeGuard')}
      verb={t('risk.guard.resumeVerb')}
      isBusy={resume.isPending}
      error={resume.error}
      isDanger={false}
    />
  );
}
