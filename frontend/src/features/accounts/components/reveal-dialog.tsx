import { valibotResolver } from '@hookform/resolvers/valibot';
import { useForm } from 'react-hook-form';
import { useTranslations } from 'use-intl';
import type { Account } from '@/api/types';
import { ProblemText } from '@/components/problem';
import { Button } from '@/components/ui/button';
import { Dialog, DialogActions } from '@/components/ui/dialog';
import { TextField } from '@/components/ui/field';
import { SecretField } from '@/components/ui/secret-field';
import { useRevealKey } from '../queries';
import { type PasswordForm as Form, passwordSchema } from '../schema';

interface RevealDialogProps {
  account: Account;
  onClose: () => void;
}

/** Shows the key again to someone who knows the password. */
export function RevealDialog({ account, onClose }: RevealDialogProps) {
  const t = useTranslations();
  const reveal = useRevealKey(account.id);
  const apiKey = reveal.data?.api_key;
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={t('accountForms.reveal.title', { name: account.name })}
      description={
        apiKey === undefined ? t('accountForms.reveal.text') : t('accountForms.apiKeyHint')
      }
    >
      {apiKey === undefined ? (
        <RevealForm reveal={reveal} onClose={onClose} />
      ) : (
        <>
          <SecretField label={t('accountForms.apiKey')} secret={apiKey} isShown />
          <DialogActions>
            <Button look="primary" onClick={onClose}>
              {t('common.close')}
            </Button>
          </DialogActions>
        </>
      )}
    </Dialog>
  );
}

interface RevealFormProps {
  reveal: ReturnType<typeof useRevealKey>;
  onClose: () => void;
}

function RevealForm({ reveal, onClose }: RevealFormProps) {
  const t = useTranslations();
  const form = useForm<Form>({
    resolver: valibotResolver(passwordSchema),
    defaultValues: { password: '' },
  });
  return (
    <form noValidate onSubmit={form.handleSubmit(({ password }) => reveal.mutate(password))}>
      <TextField
        label={t('accountForms.reveal.password')}
        type="password"
        autoComplete="current-password"
        error={form.formState.errors.password?.message}
        {...form.register('password')}
      />
      <ProblemText error={reveal.error} />
      <DialogActions>
        <Button onClick={onClose}>{t('common.cancel')}</Button>
        <Button type="submit" look="primary" isBusy={reveal.isPending}>
          {t('accountForms.reveal.submit')}
        </Button>
      </DialogActions>
    </form>
  );
}
