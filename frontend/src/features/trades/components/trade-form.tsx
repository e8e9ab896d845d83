import { valibotResolver } from '@hookform/resolvers/valibot';
import { useEffect } from 'react';
import { Controller, type UseFormReturn, useForm } from 'react-hook-form';
import { useTimeZone, useTranslations } from 'use-intl';
import { ApiError } from '@/api/problem';
import type { Account, CreateTrade, Trade } from '@/api/types';
import { ProblemText } from '@/components/problem';
import { Button } from '@/components/ui/button';
import { DialogActions } from '@/components/ui/dialog';
import { SelectField } from '@/components/ui/field';
import { Unsaved } from '@/components/ui/unsaved';
import { showFaults } from '@/lib/forms';
import { usePatchTrade } from '../edits';
import {
  bodyOf,
  changesOf,
  FIELDS,
  type TradeForm as Form,
  formOf,
  newTrade,
  tradeSchema,
} from '../form-values';
import { useAddTrade } from '../new-trade';
import { usePictureDraft } from '../picture-draft';
import { PictureChoice } from './picture-choice';
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
  /** A new one is on its way, or pictures of it: who closed it now would not hear what was refused. */
  onBusy: (isBusy: boolean) => void;
}

/**
 * A trade as its owner tells it, with what it brought while it is typed. Pictures follow a new
 * one; while some are refused it stays open for them alone, as the trade is made.
 */
export function TradeForm({ accounts, accountId, trade, onDone, onBusy }: TradeFormProps) {
  const t = useTranslations();
  const zone = useTimeZone() ?? 'UTC';
  const add = useAddTrade();
  const patch = usePatchTrade(trade?.id ?? '');
  const saving = trade ? patch : add;
  const pictures = usePictureDraft();
  const first = accounts.find(({ id }) => id === accountId) ?? accounts[0];
  const form = useForm<Form>({
    resolver: valibotResolver(tradeSchema),
    defaultValues: trade ? formOf(trade, zone) : newTrade(first, zone, new Date()),
  });
  const { made, isPending: isAdding } = add;
  useEffect(() => onBusy(isAdding), [onBusy, isAdding]);

  const onError = (error: Error) =>
    showFaults(error instanceof ApiError ? error.fields : [], FIELDS, form.setError);
  const send = (to: CreateTrade | string) =>
    add.mutate(
      { to, files: pictures.chosen.map(({ file }) => file) },
      {
        onSuccess: (refused) => (refused.length === 0 ? onDone() : pictures.keep(refused)),
        onError,
      },
    );
  function submit(values: Form): void {
    if (trade) patch.mutate(changesOf(trade, values, zone), { onSuccess: onDone, onError });
    else send(bodyOf(values, zone));
  }
  return (
    <form
      noValidate
      className="flex flex-col gap-4"
      onSubmit={
        made === null
          ? form.handleSubmit(submit)
          : (event) => {
              event.preventDefault();
              send(made);
            }
      }
    >
      {made === null ? (
        <Told form={form} accounts={accounts} trade={trade} />
      ) : (
        <p role="alert">{t('screenshots.unsent')}</p>
      )}
      {!trade && <PictureChoice draft={pictures} isBusy={isAdding} sending={add.sending} />}
      {made === null && <ResultPreview form={form} accounts={accounts} trade={trade} />}
      <ProblemText error={saving.error} />
      <Unsaved when={form.formState.isDirty || pictures.chosen.length > 0} />
      <DialogActions>
        <Button onClick={onDone} disabled={isAdding}>
          {t(made === null ? 'common.cancel' : 'common.close')}
        </Button>
        <Button type="submit" look="primary" isBusy={saving.isPending}>
          {made === null
            ? t(trade ? 'common.save' : 'trades.form.submit')
            : t('screenshots.sendAgain')}
        </Button>
      </DialogActions>
    </form>
  );
}

interface ToldProps {
  form: UseFormReturn<Form>;
  accounts: Account[];
  trade: Trade | undefined;
}

/** What is told of the trade itself. */
function Told({ form, accounts, trade }: ToldProps) {
  const t = useTranslations('trades');
  return (
    <>
      {!trade && (
        <Controller
          control={form.control}
          name="account_id"
          render={({ field }) => (
            <SelectField
              label={t('columns.account')}
              options={accounts.map(({ id, name }) => ({ value: id, label: name }))}
              {...field}
            />
          )}
        />
      )}
      <TradedFields form={form} trade={trade} />
      <SeveralFills form={form} />
      <PriceFields form={form} />
      <NoteFields form={form} />
    </>
  );
}
