import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Account } from '@/api/types';
import { ProblemText } from '@/components/problem';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { SwitchRow } from '@/components/ui/switch';
import { usePatchAccount } from '../queries';

interface ChoiceProps {
  account: Account;
}

/** Of a follower: whether a copy whose answer was lost takes the one position that fits. */
export function AdoptSwitch({ account }: ChoiceProps) {
  const t = useTranslations('choices.adopt_inferred');
  const patch = usePatchAccount(account.id);
  return (
    <>
      <SwitchRow
        label={t('label')}
        hint={t('hint')}
        isOn={account.adopt_inferred}
        isBusy={patch.isPending}
        onChange={(adopt_inferred) => patch.mutate({ adopt_inferred })}
      />
      <ProblemText error={patch.error} />
    </>
  );
}

/** Of a one-to-one master: whether its trade goes with its partner's position. It costs a position, so it asks. */
export function PartnerSwitch({ account }: ChoiceProps) {
  const t = useTranslations('choices.close_with_partner');
  const patch = usePatchAccount(account.id);
  const [isAsking, setAsking] = useState(false);

  function close(): void {
    setAsking(false);
    patch.reset();
  }

  return (
    <>
      <SwitchRow
        label={t('label')}
        hint={t('hint')}
        isOn={account.close_with_partner}
        isBusy={patch.isPending}
        onChange={(isOn) => (isOn ? setAsking(true) : patch.mutate({ close_with_partner: false }))}
      />
      {!isAsking && <ProblemText error={patch.error} />}
      <ConfirmDialog
        isOpen={isAsking}
        onClose={close}
        onConfirm={() => patch.mutate({ close_with_partner: true }, { onSuccess: close })}
        title={t('confirmTitle', { name: account.name })}
        consequence={t('confirm')}
        verb={t('submit')}
        isBusy={patch.isPending}
        error={patch.error}
      />
    </>
  );
}
