import { valibotResolver } from '@hookform/resolvers/valibot';
import { useForm } from 'react-hook-form';
import { useTranslations } from 'use-intl';
import { ApiError } from '@/api/problem';
import { Card } from '@/components/page';
import { ProblemText } from '@/components/problem';
import { Button } from '@/components/ui/button';
import { TextField } from '@/components/ui/field';
import { showFaults } from '@/lib/forms';
import { useChangePassword } from '../queries';
import { passwordSchema } from '../schema';

export function PasswordCard() {
  const t = useTranslations();
  const change = useChangePassword();
  const form = useForm({
    resolver: valibotResolver(passwordSchema),
    defaultValues: { current_password: '', new_password: '' },
  });
  const { errors } = form.formState;
  return (
    <Card title={t('settings.password.title')}>
      <form
        noValidate
        className="flex flex-col items-start gap-4"
        onSubmit={form.handleSubmit((body) =>
          change.mutate(body, {
            onSuccess: () => form.reset(),
            onError: (error) => {
              const faults = error instanceof ApiError ? error.fields : [];
              showFaults(faults, ['current_password', 'new_password'], form.setError);
            },
          }),
        )}
      >
        <p className="text-pretty text-muted">{t('settings.password.hint')}</p>
        <div className="grid w-full gap-4 sm:grid-cols-2">
          <TextField
            label={t('settings.password.current')}
            type="password"
            autoComplete="current-password"
            error={errors.current_password?.message}
            {...form.register('current_password')}
          />
          <TextField
            label={t('settings.password.fresh')}
            type="password"
            autoComplete="new-password"
            hint={t('session.register.passwordHint')}
            error={errors.new_password?.message}
            {...form.register('new_password')}
          />
        </div>
        <Button type="submit" isBusy={change.isPending}>
          {t('settings.password.submit')}
        </Button>
      </form>
      {change.isSuccess && (
        <p role="status" className="mt-3">
          {t('settings.password.changed')}
        </p>
      )}
      <ProblemText error={change.error} />
    </Card>
  );
}
