import { useTranslations } from 'use-intl';
import type { Account } from '@/api/types';
import { OnceDialog } from '@/components/ui/once-dialog';
import { useCreateShare } from '../queries';
import { addressOf } from '../share';
import { ShareForm } from './share-form';

interface ShareDialogProps {
  accounts: Pick<Account, 'id' | 'name' | 'currency'>[];
  onClose: () => void;
}

/** Asks what a link is to show, makes it, and shows it this once. */
export function ShareDialog({ accounts, onClose }: ShareDialogProps) {
  const t = useTranslations('shares');
  const create = useCreateShare();
  return (
    <OnceDialog
      onClose={onClose}
      asked={{ title: t('form.title'), text: t('form.text') }}
      made={{
        title: t('made.title'),
        text: t('made.text'),
        label: t('made.link'),
        done: t('made.done'),
      }}
      secret={create.data && addressOf(create.data.token)}
      isBusy={create.isPending}
    >
      <ShareForm accounts={accounts} create={create} onClose={onClose} />
    </OnceDialog>
  );
}
