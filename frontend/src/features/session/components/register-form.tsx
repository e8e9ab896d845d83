import { valibotResolver } from '@hookform/resolvers/valibot';
import { useForm } from 'react-hook-form';
import { useTranslations } from 'use-intl';
import { ApiError } from '@/api/problem';
import { ProblemText } from '@/components/problem';
import { Button } from '@/components/ui/button';
import { TextField } from '@/components/ui/field';
import { showFaults } from '@/lib/forms';
import { useRegister } from '../queries';
import { type RegisterForm as Form, registerSchema } from '../schema';

export function RegisterForm({ onDone }: { onDone: () => void }) {
  const t = useTranslations('session');
  const register = useRegister();
  const form = useForm<Form>({
    resolver: valibotResolver(registerSchema),
    defaultValues: { name: '', email: '', password: '', invite_code: '' },
  });
  const { errors } = form.formState;

  function submit({ invite_code, ...rest }: Form): void {
    const body = invite_code ? { ...rest, invite_code } : rest;
    register.mutate(body, {
      onSuccess: onDone,
      onError: (error) => {
        const faults = error instanceof ApiError ? error.fields : [];
        showFaults(faults, ['name', 'email', 'password', 'invite_code'], form.setError);
      },
    });
  }

  return (
    <form noValidate className="flex flex-col gap-4" onSubmit={form.handleSubmit(submit)}>
      <TextField
        label={t('name')}
        autoComplete="name"
        error={errors.name?.message}
        {...form.register('name')}
      />
      <TextField
        label={t('email')}
        type="email"
        autoComplete="username"
        error={errors.email?.message}
        {...form.register('email')}
      />
      <TextField
        label={t('password')}
        type="password"
        autoComplete="new-password"
        hint={t('register.passwordHint')}
        error={errors.password?.message}
        {...form.register('password')}
      />
      <TextField
        label={t('inviteCode')}
        autoComplete="off"
        hint={t('register.inviteHint')}
        error={errors.invite_code?.message}
        {...form.register('invite_code')}
      />
      <ProblemText error={register.error} />
      <Button type="submit" look="primary" isBusy={register.isPending}>
        {t('register.submit')}
      </Button>
    </form>
  );
}
