import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Subscription } from '@/api/types';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { RadioCards } from '@/components/ui/radio-cards';
import { useUnfollow } from '../queries';

interface UnfollowDialogProps {
  subscription: Subscription;
  onClose: () => void;
}

/** Ends a subscription, and asks what becomes of open copies. */
export function UnfollowDialog({ subscription, onClose }: UnfollowDialogProps) {
  const t = useTranslations('follow');
  const unfollow = useUnfollow(subscription);
  const [openCopies, setOpenCopies] = useState<'keep' | 'close'>('keep');
  return (
    <ConfirmDialog
      isOpen
      onClose={onClose}
      onConfirm={() => unfollow.mutate(openCopies, { onSuccess: onClose })}
      title={t('confirmTitle', { name: subscription.master_name })}
      consequence={t('confirm')}
      verb={t('unfollow')}
      isBusy={unfollow.isPending}
      error={unfollow.error}
    >
      <RadioCards
        label={t('confirm')}
        isLabelHidden
        value={openCopies}
        onChange={setOpenCopies}
        cards={[
          { value: 'keep', title: t('keep'), hint: t('keepHint') },
          { value: 'close', title: t('close'), hint: t('closeHint') },
        ]}
      />
      {subscription.source === 'wire' && <p className="mt-3 text-muted text-sm">{t('wireHint')}</p>}
    </ConfirmDialog>
  );
}
