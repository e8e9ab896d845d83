import { useTranslations } from 'use-intl';
import type { RiskRule } from '@/api/types';
import { TextField } from '@/components/ui/field';
import { isDecimal } from '@/lib/decimal';

export interface OwnValues {
  balance: string;
  /** Percent of the starting balance. */
  daily: string;
  total: string;
}

/** The two limits that everybody has, from what was typed. */
export function ownRules({ daily, total }: OwnValues): RiskRule[] {
  const limit = (value: string) => ({
    type: 'percent' as const,
    value: value.trim(),
    of: 'initial' as const,
  });
  return [
    { id: 'daily', kind: 'max_daily_loss', limit: limit(daily), reference: 'max' },
    { id: 'total', kind: 'max_total_loss', limit: limit(total) },
  ];
}

interface OwnLimitsProps {
  values: OwnValues;
  onChange: (values: OwnValues) => void;
  currency: string;
}

export function OwnLimits({ values, onChange, currency }: OwnLimitsProps) {
  const t = useTranslations('risk.phase');
  return (
    <div className="grid gap-4 sm:grid-cols-3">
      {(['balance', 'daily', 'total'] as const).map((name) => (
        <TextField
          key={name}
          label={t(`ownFields.${name}`, { currency })}
          inputMode="decimal"
          autoComplete="off"
          defaultValue={values[name]}
          onChange={(event) => onChange({ ...values, [name]: event.target.value })}
          error={isDecimal(values[name]) ? undefined : 'not_a_number'}
        />
      ))}
    </div>
  );
}
