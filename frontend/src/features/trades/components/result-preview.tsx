import { type UseFormReturn, useWatch } from 'react-hook-form';
import { useTimeZone, useTranslations } from 'use-intl';
import type { Account, Trade } from '@/api/types';
import { Delta, Multiple, NoValue } from '@/components/figures';
import { outcomeOf, type TradeForm } from '../form-values';

interface ResultPreviewProps {
  form: UseFormReturn<TradeForm>;
  accounts: Account[];
  /** The one that is changed. */
  trade: Trade | undefined;
}

/** What it brings, by the server's definition. */
export function ResultPreview({ form, accounts, trade }: ResultPreviewProps) {
  const t = useTranslations('trades');
  const zone = useTimeZone() ?? 'UTC';
  const values = useWatch({ control: form.control }) as TradeForm;
  const currency = accounts.find(({ id }) => id === values.account_id)?.currency ?? '';
  const { pnl, r } = outcomeOf(values, currency, zone, trade);
  return (
    <output className="flex flex-wrap items-baseline justify-between gap-x-4 rounded-card bg-surface-2 px-4 py-3">
      <span className="text-muted">{t('form.result')}</span>
      <span className="font-semibold text-lg">
        {pnl === null ? <NoValue /> : <Delta value={pnl} currency={currency} />}
        {r !== null && (
          <span className="ml-3 font-normal text-muted">
            <Multiple value={r} />
          </span>
        )}
      </span>
    </output>
  );
}
