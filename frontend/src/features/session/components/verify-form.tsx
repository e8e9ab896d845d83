import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { ProblemText } from '@/components/problem';
import { Button } from '@/components/ui/button';
import { isBrokenLink, useVerify } from '../recovery';
import { BrokenLink, Outcome } from './outcome';

interface VerifyFormProps {
  token: string;
  /** Into the application. */
  next: ReactNode;
  /** To another mail. */
  again: ReactNode;
}

/** Confirms an address. Takes a press: programs that follow the links of mails confirm nothing. */
export function VerifyForm({ token, next, again }: VerifyFormProps) {
  const t = useTranslations('recovery.verify');
  const verify = useVerify(token);
  if (verify.isSuccess) {
    return (
      <Outcome title={t('done')} text={t('doneText', { email: verify.data.email })} next={next} />
    );
  }
  if (token === '' || isBrokenLink(verify.error)) return <BrokenLink next={again} />;
  return (
    <div className="flex flex-col gap-4">
      <p className="text-pretty text-muted">{t('intro')}</p>
      <ProblemText error={verify.error} />
      <Button look="primary" isBusy={verify.isPending} onClick={() => verify.mutate()}>
        {t('submit')}
      </Button>
    </div>
  );
}
