import { valibotResolver } from '@hookform/resolvers/valibot';
import { useForm } from 'react-hook-form';
import { useTranslations } from 'use-intl';
import { ProblemText } from '@/components/problem';
import { Button } from '@/components/ui/button';
import { TextField } from '@/components/ui/field';
import { useLogin } from '../queries';
import { type LoginForm as Form, loginSchema } from '../schema';

export function LoginForm({ onDone }: { onDone: () => void }) {
  const t = useTranslations('session');
  const login = useLogin();
  const form = useForm<Form>({
    resolver: valibotResolver(loginSchema),
    defaultValues: { email: '', password: '' },
  });
  const { errors } = form.formState;

  return (
    <form
      noValidate
      className="flex flex-col gap-4"
      onSubmit={form.handleSubmit((body) => login.mutate(body, { onSuccess: onDone }))}
    >
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
        autoComplete="current-password"
        error={errors.password?.message}
        {...form.register('password')}
      />
      <ProblemText error={login.error} />
      <Button type="submit" look="primary" isBusy={login.isPending}>
        {t('signIn.submit')}
      </Button>
    </form>
  );
}
