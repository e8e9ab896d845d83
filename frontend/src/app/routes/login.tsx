import { getRouteApi, Link, useRouter } from '@tanstack/react-router';
import { useTranslations } from 'use-intl';
import { LoginForm } from '@/features/session/components/login-form';
import { SignInFrame } from '../sign-in-frame';

const route = getRouteApi('/login');

export function LoginPage() {
  const t = useTranslations('session.signIn');
  const { next, expired } = route.useSearch();
  const router = useRouter();
  return (
    <SignInFrame title={t('title')}>
      {expired && (
        <p role="status" className="mb-4 rounded-card bg-accent-soft px-3 py-2">
          {t('expired')}
        </p>
      )}
      <LoginForm onDone={() => router.history.replace(next ?? '/')} />
      <p className="mt-4">
        <Link to="/forgot" className="text-accent hover:underline">
          {t('forgot')}
        </Link>
      </p>
      <p className="mt-2">
        <Link
          to="/register"
          search={next === undefined ? {} : { next }}
          className="text-accent hover:underline"
        >
          {t('toRegister')}
        </Link>
      </p>
    </SignInFrame>
  );
}
