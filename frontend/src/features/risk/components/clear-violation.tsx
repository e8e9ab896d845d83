import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Violation } from '@/api/types';
import { ProblemText } from '@/components/problem';
import { Button } from '@/components/ui/button';
import { Dialog, DialogActions } from '@/components/ui/dialog';
import { TextAreaField } from '@/components/ui/field';
import { useClearViolation } from '../queries';

interface ClearViolationProps {
  accountId: string;
  /** What is asked about; null: nothing. */
  violation: Violation | null;
  onClose: () => void;
}

/** An administrator takes back a crossed line that was measured wrongly. Who did, and why, is kept. */
export function ClearViolation({ accountId, violation, onClose }: ClearViolationProps) {
  const t = useTranslations();
  const kind = violation?.kind ?? 'max_daily_loss';
  return (
    <Dialog
      isOpen={violation !== null}
      onClose={onClose}
      title={t('risk.violations.clearTitle', { rule: t(`riskWords.kinds.${kind}`) })}
      description={t('risk.violations.clearHint')}
    >
      {violation && <Form accountId={accountId} violationId={violation.id} onClose={onClose} />}
    </Dialog>
  );
}

interface FormProps {
  accountId: string;
  violationId: string;
  onClose: () => void;
}

function Form({ accountId, violationId, onClose }: FormProps) {
  const t = useTranslations();
  const [reason, setReason] = useState('');
  const clear = useClearViolation(accountId);
  return (
    <>
      <TextAreaField
        label={t('risk.violations.clearReason')}
        hint={t('risk.violations.clearReasonHint')}
        onChange={(event) => setReason(event.target.value)}
      />
      <ProblemText error={clear.error} />
      <DialogActions>
        <Button onClick={onClose}>{t('common.cancel')}</Button>
        <Button
          look="danger"
          isBusy={clear.isPending}
          disabled={reason.trim() === ''}
          onClick={() =>
            clear.mutate({ id: violationId, reason: reason.trim() }, { onSuccess: onClose })
          }
        >
          {t('risk.violations.clear')}
        </Button>
      </DialogActions>
    </>
  );
}
