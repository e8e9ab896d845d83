import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Account } from '@/api/types';
import { ProblemText } from '@/components/problem';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { Switch } from '@/components/ui/switch';
import { usePatchAccount } from '../queries';

/** Switches an account on, or off after saying what that means. */
export function ActiveSwitch({ account }: { account: Account }) {
  const t = useTranslations();
  const patch = usePatchAccount(account.id);
  const [isAsking, setAsking] = useState(false);

  function close(): void {
    setAsking(false);
    patch.reset();
  }

  return (
    <>
      <Switch
        label={t('accounts.activeLabel', { name: account.name })}
        isOn={account.is_active}
        isBusy={patch.isPending}
        onChange={(isOn) => (isOn ? patch.mutate({ is_active: true }) : setAsking(true))}
      />
      {!isAsking && <ProblemText error={patch.error} />}
      <ConfirmDialog
        isOpen={isAsking}
        onClose={close}
        onConfirm={() => patch.mutate({ is_active: false }, { onSuccess: close })}
        title={t('accountForms.deactivate.title', { name: account.name })}
        consequence={t('accountForms.deactivate.text')}
        verb={t('accountForms.deactivate.submit')}
        isBusy={patch.isPending}
        error={patch.error}
      />
    </>
  );
}
