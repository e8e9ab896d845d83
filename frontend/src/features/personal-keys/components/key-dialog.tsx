import { useTranslations } from 'use-intl';
import { OnceDialog } from '@/components/ui/once-dialog';
import { useCreatePersonalKey } from '../queries';
import { KeyForm } from './key-form';

/** Asks what a key may do, makes it, and shows it this once. */
export function KeyDialog({ onClose }: { onClose: () => void }) {
  const t = useTranslations('personalKeys');
  const create = useCreatePersonalKey();
  return (
    <OnceDialog
      onClose={onClose}
      asked={{ title: t('form.title'), text: t('form.text') }}
      made={{
        title: t('made.title'),
        text: t('made.text'),
        label: t('made.key'),
        hint: t('made.hint'),
        done: t('made.done'),
      }}
      secret={create.data?.key}
      isBusy={create.isPending}
    >
      <KeyForm create={create} onClose={onClose} />
    </OnceDialog>
  );
}
