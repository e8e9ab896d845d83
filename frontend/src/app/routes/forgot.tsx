import { Link } from '@tanstack/react-router';
import { useTranslations } from 'use-intl';
import { ForgotForm } from '@/features/session/components/forgot-form';
import { SignInFrame } from '../sign-in-frame';

export function ForgotPage() {
  const t = useTranslations('recovery.forgot');
  return (
    <SignInFrame title={t('title')}>
      <ForgotForm />
      <p className="mt-4">
        <Link to="/login" className="text-accent hover:underline">
          {t('toSignIn')}
        </Link>
      </p>
    </SignInFrame>
  );
}
