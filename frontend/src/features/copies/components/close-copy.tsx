import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { CopyDetail } from '@/api/types';
import { Button } from '@/components/ui/button';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { useResolveCopy } from '../queries';

/** Closes one open copy by hand, whatever its master does. */
export function CloseCopy({ copy }: { copy: CopyDetail }) {
  const t = useTranslations('decision');
  const [isAsking, setIsAsking] = useState(false);
  const resolve = useResolveCopy(copy);
  const ticket = copy.follower_ticket;
  if (copy.state !== 'open' || Number(copy.desired_lots) === 0 || ticket === null) return null;

  function cancel(): void {
    setIsAsking(false);
    resolve.reset();
  }

  return (
    <>
      <Button onClick={() => setIsAsking(true)}>{t('actions.close')}</Button>
      <ConfirmDialog
        isOpen={isAsking}
        onClose={cancel}
        onConfirm={() =>
          resolve.mutate({ action: 'close', ticket }, { onSuccess: () => setIsAsking(false) })
        }
        title={t('ask.close.title', { ticket })}
        consequence={t('ask.close.text', { ticket, name: copy.follower_name, symbol: copy.symbol })}
        verb={t('actions.close')}
        isBusy={resolve.isPending}
        error={resolve.error}
      />
    </>
  );
}
