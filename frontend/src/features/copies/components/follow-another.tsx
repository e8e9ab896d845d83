import { useTranslations } from 'use-intl';
import type { Account } from '@/api/types';
import { Dialog } from '@/components/ui/dialog';
import { FollowForm } from './follow-form';

interface FollowAnotherProps {
  account: Account;
  isVenue: boolean;
  isOpen: boolean;
  onClose: () => void;
}

/** Asks whom to follow beside the masters that are followed already. */
export function FollowAnother({ account, isVenue, isOpen, onClose }: FollowAnotherProps) {
  const t = useTranslations('follow');
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title={t('add')} description={t('noneHint')}>
      <FollowForm account={account} isVenue={isVenue} onDone={onClose} />
    </Dialog>
  );
}
