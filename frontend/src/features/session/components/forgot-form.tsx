import { valibotResolver } from '@hookform/resolvers/valibot';
import { useForm } from 'react-hook-form';
import { useTranslations } from 'use-intl';
import { ProblemText } from '@/components/problem';
import { Button } from '@/components/ui/button';
import { TextField } from '@/components/ui/field';
import { forgotSchema, useForgot } from '../recovery';
import { Outcome } from './outcome';

/** Asks for the link to a new password. Says the same whether anybody has the address. */
export function ForgotForm() {
  const t = useTranslations();
  const forgot = useForgot();
  const form = useForm({ resolver: valibotResolver(forgotSchema), defaultValues: { email: '' } });

  if (forgot.isSuccess) {
    return (
      <>
        <Outcome
          title={t('recovery.forgot.sent')}
          text={t('recovery.forgot.sentText', { email: forgot.variables })}
          next={<p className="text-muted text-sm">{t('recovery.forgot.sentHint')}</p>}
        />
        <div className="mt-3">
          <Button onClick={() => forgot.reset()}>{t('recovery.forgot.again')}</Button>
        </div>
      </>
    );
  }
  return (
    <form
      noValidate
      className="flex flex-col gap-4"
      onSubmit={form.handleSubmit(({ email }) => forgot.mutate(email))}
    >
      <p className="text-pretty text-muted">{t('recovery.forgot.intro')}</p>
      <TextField
        label={t('session.email')}
        type="email"
        autoComplete="username"
        error={form.formState.errors.email?.message}
        {...form.register('email')}
      />
      <ProblemText error={forgot.error} />
      <Button type="submit" look="primary" isBusy={forgot.isPending}>
        {t('recovery.forgot.submit')}
      </Button>
    </form>
  );
}
