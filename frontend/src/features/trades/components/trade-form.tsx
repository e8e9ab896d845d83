import { valibotResolver } from '@hookform/resolvers/valibot';
import { Controller, useForm } from 'react-hook-form';
import { useTimeZone, useTranslations } from 'use-intl';
import { ApiError } from '@/api/problem';
import type { Account, Trade } from '@/api/types';
import { ProblemText } from '@/components/problem';
import { Button } from '@/components/ui/button';
import { DialogActions } from '@/components/ui/dialog';
import { SelectField } from '@/components/ui/field';
import { showFaults } from '@/lib/forms';
import { useCreateTrade, usePatchTrade } from '../edits';
import {
  bodyOf,
  changesOf,
  FIELDS,
  type TradeForm as Form,
  formOf,
  newTrade,
  tradeSchema,
} from '../form-values';
import { ResultPreview } from './result-preview';
import { SeveralFills } from './several-fills';
import { NoteFields, PriceFields, TradedFields } from './trade-fields';

interface TradeFormProps {
  accounts: Account[];
  /** Chosen to begin with. */
  accountId?: string | undefined;
  /** The one that is changed; none: a new one. */
  trade?: Trade | undefined;
  onDone: () => void;
}

/** A trade as its owner tells it, with what it brought while it is typed. */
export function TradeForm({ accounts, accountId, trade, onDone }: TradeFormProps) {
  const t = useTranslations();
  const zone = useTimeZone() ?? 'UTC';
  const create = useCreateTrade();
  const patch = usePatchTrade(trade?.id ?? '');
  const saving = trade ? patch : create;
  const first = accounts.find(({ id }) => id === accountId) ?? accounts[0];
  const form = useForm<Form>({
    resolver: valibotResolver(tradeSchema),
    defaultValues: trade ? formOf(trade, zone) : newTrade(first, zone, new Date()),
  });

  function submit(values: Form): void {
    const answers = {
      onSuccess: onDone,
      onError: (error: Error) =>
        showFaults(error instanceof ApiError ? error.fields : [], FIELDS, form.setError),
    };
    const { account_id, ...body } = bodyOf(values, zone);
    if (trade) patch.mutate(changesOf(trade, values, zone), answers);
    else create.mutate({ account_id, ...body }, answers);
  }

  return (
    <form noValidate className="flex flex-col gap-4" onSubmit={form.handleSubmit(submit)}>
      {!trade && (
        <Controller
          control={form.control}
          name="account_id"
          render={({ field }) => (
            <SelectField
              label={t('trades.columns.account')}
              options={accounts.map(({ id, name }) => ({ value: id, label: name }))}
              {...field}
            />
          )}
        />
      )}
      <TradedFields form={form} />
      <SeveralFills form={form} />
      <PriceFields form={form} />
      <NoteFields form={form} />
      <ResultPreview form={form} accounts={accounts} />
      <ProblemText error={saving.error} />
      <DialogActions>
        <Button onClick={onDone}>{t('common.cancel')}</Button>
        <Button type="submit" look="primary" isBusy={saving.isPending}>
          {t(trade ? 'common.save' : 'trades.form.submit')}
        </Button>
      </DialogActions>
    </form>
  );
}
