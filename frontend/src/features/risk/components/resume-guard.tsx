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
  const t = useTranslations('risk.guard');
  const resume = useResume(place);
  return (
    <ConfirmDialog
      isOpen={isOpen}
      onClose={onClose}
      onConfirm={() => resume.mutate(undefined, { onSuccess: onClose })}
      title={t('resumeTitle', { name: place.name })}
      consequence={t('resumeText')}
      verb={t('resumeVerb')}
      isBusy={resume.isPending}
      error={resume.error}
      isDanger={false}
    />
  );
}
