import { valibotResolver } from '@hookform/resolvers/valibot';
import type { ReactNode } from 'react';
import { useForm } from 'react-hook-form';
import { useTranslations } from 'use-intl';
import { ApiError } from '@/api/problem';
import { ProblemText } from '@/components/problem';
import { Button } from '@/components/ui/button';
import { TextField } from '@/components/ui/field';
import { showFaults } from '@/lib/forms';
import { isBrokenLink, resetSchema, useReset } from '../recovery';
import { BrokenLink, Outcome } from './outcome';

interface ResetFormProps {
  token: string;
  /** To the sign-in. */
  next: ReactNode;
  /** To another link. */
  again: ReactNode;
}

/** A new password, with the link of a mail. */
export function ResetForm({ token, next, again }: ResetFormProps) {
  const t = useTranslations();
  const reset = useReset(token);
  const form = useForm({
    resolver: valibotResolver(resetSchema),
    defaultValues: { new_password: '' },
  });

  if (reset.isSuccess) {
    return (
      <Outcome title={t('recovery.reset.done')} text={t('recovery.reset.doneText')} next={next} />
    );
  }
  if (token === '' || isBrokenLink(reset.error)) return <BrokenLink next={again} />;
  return (
    <form
      noValidate
      className="flex flex-col gap-4"
      onSubmit={form.handleSubmit(({ new_password }) =>
        reset.mutate(new_password, {
          onError: (error) => {
            const faults = error instanceof ApiError ? error.fields : [];
            showFaults(faults, ['new_password'], form.setError);
          },
        }),
      )}
    >
      <p className="text-pretty text-muted">{t('recovery.reset.intro')}</p>
      <TextField
        label={t('recovery.reset.password')}
        type="password"
        autoComplete="new-password"
        hint={t('session.register.passwordHint')}
        error={form.formState.errors.new_password?.message}
        {...form.register('new_password')}
      />
      <ProblemText error={reset.error} />
      <Button type="submit" look="primary" isBusy={reset.isPending}>
        {t('recovery.reset.submit')}
      </Button>
    </form>
  );
}
