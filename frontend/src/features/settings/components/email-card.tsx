import { CircleAlert, CircleCheck } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { User } from '@/api/types';
import { Card } from '@/components/page';
import { Pill } from '@/components/pill';
import { ProblemText } from '@/components/problem';
import { Button } from '@/components/ui/button';
import { useResendVerification } from '../queries';

const EmailDialog = lazy(async () => ({ default: (await import('./email-dialog')).EmailDialog }));

/** The address one signs in with: whether it is confirmed, and how it is changed. */
export function EmailCard({ user }: { user: User }) {
  const t = useTranslations('settings.address');
  const resend = useResendVerification();
  const [isOpen, setOpen] = useState(false);
  return (
    <Card
      title={t('title')}
      aside={
        user.email_verified ? (
          <Pill tone="safe" icon={CircleCheck}>
            {t('verified')}
          </Pill>
        ) : (
          <Pill tone="caution" icon={CircleAlert}>
            {t('unverified')}
          </Pill>
        )
      }
    >
      <p className="[overflow-wrap:anywhere]">{user.email}</p>
      {!user.email_verified && (
        <p className="mt-1 text-pretty text-muted text-sm">{t('unverifiedHint')}</p>
      )}
      <div className="mt-3 flex flex-wrap gap-2">
        {!user.email_verified && (
          <Button isBusy={resend.isPending} onClick={() => resend.mutate()}>
            {t('resend')}
          </Button>
        )}
        <Button onClick={() => setOpen(true)}>{t('change')}</Button>
      </div>
      {resend.isSuccess && (
        <p role="status" className="mt-3 text-pretty">
          {t('resent', { email: user.email })}
        </p>
      )}
      <ProblemText error={resend.error} />
      <Suspense fallback={null}>
        {isOpen && <EmailDialog onClose={() => setOpen(false)} />}
      </Suspense>
    </Card>
  );
}
