import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslations } from 'use-intl';
import { Failure, Loading } from '@/components/states';
import { TextField } from '@/components/ui/field';
import { isDecimal } from '@/lib/decimal';
import { riskDefaultsQuery } from '../defaults-queries';
import type { OwnValues } from './own-limits';
import { RuleFacts } from './rule-facts';

interface OfDefaultsProps {
  values: OwnValues;
  onChange: (values: OwnValues) => void;
  currency: string;
}

/** The user's defaults as the rules they become, before anything is saved. */
export function OfDefaults({ values, onChange, currency }: OfDefaultsProps) {
  const t = useTranslations('risk.phase');
  const defaults = useQuery(riskDefaultsQuery);
  if (defaults.isPending) return <Loading rows={3} />;
  if (defaults.isLoadingError) {
    return <Failure error={defaults.error} onRetry={() => void defaults.refetch()} />;
  }
  return (
    <>
      <TextField
        label={t('ownFields.balance', { currency })}
        hint={t('balanceHint')}
        inputMode="decimal"
        autoComplete="off"
        defaultValue={values.balance}
        onChange={(event) => onChange({ ...values, balance: event.target.value })}
        error={values.balance === '' || isDecimal(values.balance) ? undefined : 'not_a_number'}
      />
      <div className="rounded-card border border-line px-3">
        <RuleFacts rules={defaults.data.rules} currency={currency} />
      </div>
      <p className="text-muted text-sm">
        {t.rich('defaultsHint', {
          link: (text) => (
            <Link to="/settings" className="text-accent underline underline-offset-2">
              {text}
            </Link>
          ),
        })}
      </p>
    </>
  );
}
