import { getRouteApi, Link, useRouter } from '@tanstack/react-router';
import { useTranslations } from 'use-intl';
import { RegisterForm } from '@/features/session/components/register-form';
import { SignInFrame } from '../sign-in-frame';

const route = getRouteApi('/register');

export function RegisterPage() {
  const t = useTranslations('session.register');
  const { next } = route.useSearch();
  const router = useRouter();
  return (
    <SignInFrame title={t('title')}>
      <RegisterForm onDone={() => router.history.replace(next ?? '/')} />
      <p className="mt-4">
        <Link
          to="/login"
          search={next === undefined ? {} : { next }}
          className="text-accent hover:underline"
        >
          {t('toSignIn')}
        </Link>
      </p>
    </SignInFrame>
  );
}
