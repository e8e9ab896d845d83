import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Account } from '@/api/types';
import { ProblemText } from '@/components/problem';
import { SizingChoice } from '@/components/sizing-choice';
import { Button } from '@/components/ui/button';
import { Dialog, DialogActions } from '@/components/ui/dialog';
import { offeredSizing, sizingFault, sizingOf, type TypedSizing } from '@/lib/offered-sizing';
import { usePatchAccount } from '../queries';

interface SizingDialogProps {
  account: Account;
  onClose: () => void;
}

const AS_MASTER: TypedSizing = { mode: 'same', value: '' };

/** Sets how large copies are that a follower is offered with each master it begins to follow. */
export function SizingDialog({ account, onClose }: SizingDialogProps) {
  const t = useTranslations();
  const [sizing, setSizing] = useState(() => offeredSizing(account) ?? AS_MASTER);
  const patch = usePatchAccount(account.id);
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={t('accountForms.sizing.title', { name: account.name })}
      description={t('accountForms.sizing.text')}
    >
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (sizingFault(sizing) !== undefined) return;
          patch.mutate({ default_sizing: sizingOf(sizing) }, { onSuccess: onClose });
        }}
      >
        <SizingChoice sizing={sizing} onChange={setSizing} />
        <ProblemText error={patch.error} />
        <DialogActions>
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          <Button
            type="submit"
            look="primary"
            isBusy={patch.isPending}
            disabled={sizingFault(sizing) !== undefined}
          >
            {t('common.save')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
