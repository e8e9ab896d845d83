import { valibotResolver } from '@hookform/resolvers/valibot';
import { useForm } from 'react-hook-form';
import { useTranslations } from 'use-intl';
import { ApiError } from '@/api/problem';
import { ProblemText } from '@/components/problem';
import { Button } from '@/components/ui/button';
import { Dialog, DialogActions } from '@/components/ui/dialog';
import { TextField } from '@/components/ui/field';
import { showFaults } from '@/lib/forms';
import { useChangeEmail } from '../queries';
import { emailSchema } from '../schema';

/** Asks for another address. It counts once the link in the mail to it was used. */
export function EmailDialog({ onClose }: { onClose: () => void }) {
  const t = useTranslations();
  const change = useChangeEmail();
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={t('settings.address.changeTitle')}
      description={
        change.isSuccess
          ? t('settings.address.sent', { email: change.variables.email })
          : t('settings.address.changeText')
      }
    >
      {change.isSuccess ? (
        <DialogActions>
          <Button look="primary" onClick={onClose}>
            {t('common.close')}
          </Button>
        </DialogActions>
      ) : (
        <EmailForm change={change} onClose={onClose} />
      )}
    </Dialog>
  );
}

interface EmailFormProps {
  change: ReturnType<typeof useChangeEmail>;
  onClose: () => void;
}

function EmailForm({ change, onClose }: EmailFormProps) {
  const t = useTranslations();
  const form = useForm({
    resolver: valibotResolver(emailSchema),
    defaultValues: { email: '', password: '' },
  });
  const { errors } = form.formState;
  return (
    <form
      noValidate
      className="flex flex-col gap-4"
      onSubmit={form.handleSubmit((body) =>
        change.mutate(body, {
          onError: (error) => {
            const faults = error instanceof ApiError ? error.fields : [];
            showFaults(faults, ['email', 'password'], form.setError);
          },
        }),
      )}
    >
      <TextField
        label={t('settings.address.newAddress')}
        type="email"
        autoComplete="email"
        error={errors.email?.message}
        {...form.register('email')}
      />
      <TextField
        label={t('settings.address.password')}
        type="password"
        autoComplete="current-password"
        error={errors.password?.message}
        {...form.register('password')}
      />
      <ProblemText error={change.error} />
      <DialogActions>
        <Button onClick={onClose}>{t('common.cancel')}</Button>
        <Button type="submit" look="primary" isBusy={change.isPending}>
          {t('settings.address.submit')}
        </Button>
      </DialogActions>
    </form>
  );
}
