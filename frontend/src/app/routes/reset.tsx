import { Link, useLocation } from '@tanstack/react-router';
import { useTranslations } from 'use-intl';
import { buttonClass } from '@/components/ui/button';
import { ResetForm } from '@/features/session/components/reset-form';
import { SignInFrame } from '../sign-in-frame';

export function ResetPage() {
  const t = useTranslations('recovery');
  const token = useLocation({ select: ({ hash }) => hash });
  return (
    <SignInFrame title={t('reset.title')}>
      <ResetForm
        key={token}
        token={token}
        next={
          <Link to="/login" className={buttonClass('primary')}>
            {t('reset.signIn')}
          </Link>
        }
        again={
          <Link to="/forgot" className={buttonClass('primary')}>
            {t('broken.reset')}
          </Link>
        }
      />
    </SignInFrame>
  );
}
