import { useTranslations } from 'use-intl';
import type { Account } from '@/api/types';
import { Button } from '@/components/ui/button';
import { Dialog, DialogActions } from '@/components/ui/dialog';
import { SecretField } from '@/components/ui/secret-field';
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
  const made = create.data;
  return (
    <Dialog
      isOpen
      onClose={onClose}
      isSticky={made !== undefined}
      title={t(made ? 'made.title' : 'form.title')}
      description={t(made ? 'made.text' : 'form.text')}
    >
      {made ? (
        <>
          <SecretField label={t('made.link')} secret={addressOf(made.token)} isShown />
          <DialogActions>
            <Button look="primary" onClick={onClose}>
              {t('made.done')}
            </Button>
          </DialogActions>
        </>
      ) : (
        <ShareForm accounts={accounts} create={create} onClose={onClose} />
      )}
    </Dialog>
  );
}
