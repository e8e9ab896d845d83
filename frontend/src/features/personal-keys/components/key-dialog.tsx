import { useTranslations } from 'use-intl';
import { Button } from '@/components/ui/button';
import { Dialog, DialogActions } from '@/components/ui/dialog';
import { SecretField } from '@/components/ui/secret-field';
import { useCreatePersonalKey } from '../queries';
import { KeyForm } from './key-form';

/** Asks what a key may do, makes it, and shows it this once. */
export function KeyDialog({ onClose }: { onClose: () => void }) {
  const t = useTranslations('personalKeys');
  const create = useCreatePersonalKey();
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
          <SecretField label={t('made.key')} secret={made.key} hint={t('made.hint')} isShown />
          <DialogActions>
            <Button look="primary" onClick={onClose}>
              {t('made.done')}
            </Button>
          </DialogActions>
        </>
      ) : (
        <KeyForm create={create} onClose={onClose} />
      )}
    </Dialog>
  );
}
