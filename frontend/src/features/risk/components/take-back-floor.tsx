import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { FloorOverride } from '@/api/types';
import { ProblemText } from '@/components/problem';
import { Button } from '@/components/ui/button';
import { Dialog, DialogActions } from '@/components/ui/dialog';
import { TextAreaField } from '@/components/ui/field';
import { useTakeBackFloor } from '../queries';
import { useAmount } from './room';

interface TakeBackFloorProps {
  accountId: string;
  currency: string;
  /** What is asked about; null: nothing. */
  set: FloorOverride | null;
  onClose: () => void;
}

/** A line that was entered by mistake is taken back. Who did, and why, is kept. */
export function TakeBackFloor({ accountId, currency, set, onClose }: TakeBackFloorProps) {
  const t = useTranslations('risk.corrections.list');
  const write = useAmount();
  return (
    <Dialog
      isOpen={set !== null}
      onClose={onClose}
      title={t('takeBackTitle', { amount: set ? write(set.floor, 'money', currency) : '' })}
      description={t('takeBackHint')}
    >
      {set && <Form accountId={accountId} id={set.id} onClose={onClose} />}
    </Dialog>
  );
}

function Form({ accountId, id, onClose }: { accountId: string; id: string; onClose: () => void }) {
  const t = useTranslations();
  const [reason, setReason] = useState('');
  const takeBack = useTakeBackFloor(accountId);
  return (
    <>
      <TextAreaField
        label={t('risk.corrections.list.takeBackReason')}
        hint={t('risk.corrections.list.takeBackReasonHint')}
        onChange={(event) => setReason(event.target.value)}
      />
      <ProblemText error={takeBack.error} />
      <DialogActions>
        <Button onClick={onClose}>{t('common.cancel')}</Button>
        <Button
          look="danger"
          isBusy={takeBack.isPending}
          disabled={reason.trim() === ''}
          onClick={() => takeBack.mutate({ id, reason: reason.trim() }, { onSuccess: onClose })}
        >
          {t('risk.corrections.list.takeBack')}
        </Button>
      </DialogActions>
    </>
  );
}
