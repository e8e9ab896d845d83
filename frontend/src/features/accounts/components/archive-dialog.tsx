import { useTranslations } from 'use-intl';
import type { Account } from '@/api/types';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { useArchiveAccount } from '../queries';

interface ArchiveDialogProps {
  account: Account;
  onClose: () => void;
  onArchived: () => void;
}

export function ArchiveDialog({ account, onClose, onArchived }: ArchiveDialogProps) {
  const t = useTranslations('accountForms.archive');
  const archive = useArchiveAccount(account.id);
  return (
    <ConfirmDialog
      isOpen
      onClose={onClose}
      onConfirm={() => archive.mutate(undefined, { onSuccess: onArchived })}
      title={t('title', { name: account.name })}
      consequence={
        <>
          {t('text')} {account.copy_role === 'master' && t('master')}
        </>
      }
      verb={t('submit')}
      isBusy={archive.isPending}
      error={archive.error}
    />
  );
}
