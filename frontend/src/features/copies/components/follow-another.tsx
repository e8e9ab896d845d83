import { useTranslations } from 'use-intl';
import { Dialog } from '@/components/ui/dialog';
import { FollowForm } from './follow-form';

interface FollowAnotherProps {
  accountId: string;
  isVenue: boolean;
  isOpen: boolean;
  onClose: () => void;
}

/** Asks whom to follow beside the masters that are followed already. */
export function FollowAnother({ accountId, isVenue, isOpen, onClose }: FollowAnotherProps) {
  const t = useTranslations('follow');
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title={t('add')} description={t('noneHint')}>
      <FollowForm accountId={accountId} isVenue={isVenue} onDone={onClose} />
    </Dialog>
  );
}
