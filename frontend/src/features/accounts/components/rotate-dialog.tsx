import { useTranslations } from 'use-intl';
import type { Account } from '@/api/types';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { useRotateKey } from '../queries';
import { KeyDialog } from './key-dialog';

/** Replaces the key after saying what that breaks, then shows the new one once. */
export function RotateDialog({ account, onClose }: { account: Account; onClose: () => void }) {
  const t = useTranslations('accountForms.rotate');
  const rotate = useRotateKey(account.id);
  if (rotate.data) {
    return (
      <KeyDialog
        account={account}
        title={t('doneTitle', { name: account.name })}
        apiKey={rotate.data.api_key}
        onClose={onClose}
      />
    );
  }
  return (
    <ConfirmDialog
      isOpen
      onClose={onClose}
      onConfirm={() => rotate.mutate()}
      title={t('title', { name: account.name })}
      consequence={t('text')}
      verb={t('submit')}
      isBusy={rotate.isPending}
      error={rotate.error}
    />
  );
}
