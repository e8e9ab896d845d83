import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { ProblemText } from '@/components/problem';
import { Button } from '@/components/ui/button';
import { DialogActions } from '@/components/ui/dialog';
import { TextField } from '@/components/ui/field';
import { isDecimal } from '@/lib/decimal';

interface AmountProps {
  name: 'balance' | 'equity' | 'amount' | 'floor';
  value: string;
  onChange: (value: string) => void;
  currency: string;
}

/** A field for one amount. */
export function Amount({ name, value, onChange, currency }: AmountProps) {
  const t = useTranslations('risk.corrections.fields');
  return (
    <TextField
      label={t(name, { currency })}
      inputMode="decimal"
      autoComplete="off"
      defaultValue={value}
      onChange={(event) => onChange(event.target.value)}
      error={value === '' || isDecimal(value) ? undefined : 'not_a_number'}
    />
  );
}

interface FrameProps {
  isWhole: boolean;
  isBusy: boolean;
  error: Error | null;
  onClose: () => void;
  onSave: () => void;
  children: ReactNode;
}

/** Fields, what is wrong, and the two buttons. */
export function Frame({ isWhole, isBusy, error, onClose, onSave, children }: FrameProps) {
  const t = useTranslations('common');
  return (
    <>
      <div className="flex flex-col gap-4">{children}</div>
      <ProblemText error={error} />
      <DialogActions>
        <Button onClick={onClose}>{t('cancel')}</Button>
        <Button look="primary" isBusy={isBusy} disabled={!isWhole} onClick={onSave}>
          {t('save')}
        </Button>
      </DialogActions>
    </>
  );
}
