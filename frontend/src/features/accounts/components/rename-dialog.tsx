import { valibotResolver } from '@hookform/resolvers/valibot';
import { useForm } from 'react-hook-form';
import { useTranslations } from 'use-intl';
import type { Account } from '@/api/types';
import { ProblemText } from '@/components/problem';
import { Button } from '@/components/ui/button';
import { Dialog, DialogActions } from '@/components/ui/dialog';
import { TextField } from '@/components/ui/field';
import { usePatchAccount } from '../queries';
import { type RenameForm as Form, renameSchema } from '../schema';

interface AccountDialogProps {
  account: Account;
  onClose: () => void;
}

export function RenameDialog({ account, onClose }: AccountDialogProps) {
  const t = useTranslations('accountForms.rename');
  return (
    <Dialog isOpen onClose={onClose} title={t('title', { name: account.name })}>
      <RenameForm account={account} onClose={onClose} />
    </Dialog>
  );
}

function RenameForm({ account, onClose }: AccountDialogProps) {
  const t = useTranslations();
  const patch = usePatchAccount(account.id);
  const form = useForm<Form>({
    resolver: valibotResolver(renameSchema),
    defaultValues: { name: account.name },
  });
  return (
    <form
      noValidate
      onSubmit={form.handleSubmit((body) => patch.mutate(body, { onSuccess: onClose }))}
    >
      <TextField
        label={t('accountForms.form.name')}
        autoComplete="off"
        error={form.formState.errors.name?.message}
        {...form.register('name')}
      />
      <ProblemText error={patch.error} />
      <DialogActions>
        <Button onClick={onClose}>{t('common.cancel')}</Button>
        <Button type="submit" look="primary" isBusy={patch.isPending}>
          {t('accountForms.rename.submit')}
        </Button>
      </DialogActions>
    </form>
  );
}
