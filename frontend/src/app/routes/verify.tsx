import { Link, useLocation } from '@tanstack/react-router';
import { useTranslations } from 'use-intl';
import { buttonClass } from '@/components/ui/button';
import { VerifyForm } from '@/features/session/components/verify-form';
import { SignInFrame } from '../sign-in-frame';

export function VerifyPage() {
  const t = useTranslations('recovery');
  const token = useLocation({ select: ({ hash }) => hash });
  return (
    <SignInFrame title={t('verify.title')}>
      <VerifyForm
        key={token}
        token={token}
        next={
          <Link to="/" className={buttonClass('primary')}>
            {t('verify.goOn')}
          </Link>
        }
        again={
          <Link to="/settings" className={buttonClass('primary')}>
            {t('broken.verify')}
          </Link>
        }
      />
    </SignInFrame>
  );
}
