import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import type { Account } from '@/api/types';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { openCopiesQuery, useDisconnect } from '../queries';

interface DisconnectDialogProps {
  account: Account;
  isOpen: boolean;
  onClose: () => void;
}

/** Says what becomes of copies that are open, and forgets the key. */
export function DisconnectDialog({ account, isOpen, onClose }: DisconnectDialogProps) {
  const t = useTranslations('connections.remove');
  const remove = useDisconnect(account.id);
  const { data, isFetching } = useQuery({ ...openCopiesQuery(account.id), enabled: isOpen });
  // That of the time before says nothing of now.
  const count = isFetching ? undefined : data;
  const fate = count === undefined ? t('unknown') : count === 0 ? t('none') : t('open', { count });
  return (
    <ConfirmDialog
      isOpen={isOpen}
      onClose={() => {
        remove.reset();
        onClose();
      }}
      onConfirm={() => remove.mutate(undefined, { onSuccess: onClose })}
      title={t('title', { name: account.name })}
      consequence={
        <>
          <p>{t('text')}</p>
          <p className={`mt-2 ${count === 0 ? '' : 'font-medium text-ink'}`}>{fate}</p>
        </>
      }
      verb={t('submit')}
      isBusy={remove.isPending}
      error={remove.error}
    />
  );
}
