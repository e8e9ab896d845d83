import { valibotResolver } from '@hookform/resolvers/valibot';
import { useId, useState } from 'react';
import { Controller, type UseFormReturn, useForm, useWatch } from 'react-hook-form';
import { useTimeZone, useTranslations } from 'use-intl';
import { ApiError } from '@/api/problem';
import type { Account, Trade } from '@/api/types';
import { ProblemText } from '@/components/problem';
import { Button } from '@/components/ui/button';
import { DialogActions } from '@/components/ui/dialog';
import { SelectField, TextAreaField, TextField } from '@/components/ui/field';
import { showFaults } from '@/lib/forms';
import { newKey, useCreateTrade, usePatchTrade } from '../edits';
import {
  ASSETS,
  bodyOf,
  changesOf,
  FIELDS,
  type TradeForm as Form,
  formOf,
  newTrade,
  tradeSchema,
} from '../form-values';
import { likelyAsset, usualMultiplier } from '../profit-of';
import { KindField } from './kind-field';
import { ResultPreview } from './result-preview';

interface TradeFormProps {
  accounts: Account[];
  /** Chosen to begin with. */
  accountId?: string | undefined;
  /** The one that is changed; none: a new one. */
  trade?: Trade | undefined;
  symbols: string[];
  onDone: () => void;
}

/** A trade as its owner tells it, with what it brought while it is typed. */
export function TradeForm({ accounts, accountId, trade, symbols, onDone }: TradeFormProps) {
  const t = useTranslations();
  const zone = useTimeZone() ?? 'UTC';
  const [key] = useState(newKey);
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
    else create.mutate({ body: { account_id, ...body }, key }, answers);
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
      <What form={form} symbols={symbols} />
      <Prices form={form} />
      <Rest form={form} />
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

type Parts = { form: UseFormReturn<Form> };

const PAIR = 'grid grid-cols-2 gap-4';

function What({ form, symbols }: Parts & { symbols: string[] }) {
  const t = useTranslations('trades');
  const list = useId();
  const { errors } = form.formState;
  const [kind, asset, symbol] = useWatch({
    control: form.control,
    name: ['kind', 'asset_type', 'symbol'],
  });
  const isRight = kind === 'CALL' || kind === 'PUT';
  return (
    <>
      <Controller
        control={form.control}
        name="kind"
        render={({ field }) => <KindField value={field.value} onChange={field.onChange} />}
      />
      <div className={PAIR}>
        <TextField
          label={t('columns.symbol')}
          list={list}
          autoComplete="off"
          autoCapitalize="characters"
          error={errors.symbol?.message}
          {...form.register('symbol', {
            onBlur: (event: { target: { value: string } }) => {
              const likely = likelyAsset(event.target.value.trim());
              if (likely && !form.formState.dirtyFields.asset_type)
                form.setValue('asset_type', likely);
            },
          })}
        />
        <datalist id={list}>
          {symbols.map((each) => (
            <option key={each} value={each} />
          ))}
        </datalist>
        <Controller
          control={form.control}
          name="asset_type"
          render={({ field }) => (
            <SelectField
              label={t('detail.assetType')}
              options={ASSETS.map((value) => ({ value, label: t(`assetTypes.${value}`) }))}
              {...field}
              value={isRight ? 'option' : field.value}
              disabled={isRight}
            />
          )}
        />
      </div>
      <div className={PAIR}>
        <TextField
          label={t('form.quantity')}
          inputMode="decimal"
          autoComplete="off"
          error={errors.quantity?.message}
          {...form.register('quantity')}
        />
        <TextField
          label={t('detail.multiplier')}
          inputMode="decimal"
          autoComplete="off"
          placeholder={usualMultiplier(isRight ? 'option' : asset, symbol.trim()) ?? ''}
          error={errors.multiplier?.message}
          {...form.register('multiplier')}
        />
      </div>
    </>
  );
}

function Prices({ form }: Parts) {
  const t = useTranslations();
  const { errors } = form.formState;
  const price = (
    name: 'entry_price' | 'exit_price' | 'stop_loss' | 'take_profit',
    label: string,
  ) => (
    <TextField
      label={label}
      inputMode="decimal"
      autoComplete="off"
      error={errors[name]?.message}
      {...form.register(name)}
    />
  );
  const time = (name: 'entry_at' | 'exit_at', label: string) => (
    <TextField
      type="datetime-local"
      label={label}
      error={errors[name]?.message}
      {...form.register(name)}
    />
  );
  return (
    <div className={PAIR}>
      {price('entry_price', t('trades.form.entryPrice'))}
      {time('entry_at', t('trades.columns.entry'))}
      {price('exit_price', t('trades.form.exitPrice'))}
      {time('exit_at', t('trades.columns.exit'))}
      {price('stop_loss', t('trades.form.stop'))}
      {price('take_profit', t('trades.form.target'))}
    </div>
  );
}

function Rest({ form }: Parts) {
  const t = useTranslations('trades');
  const { errors } = form.formState;
  const amount = (name: 'fees' | 'swap' | 'pnl', label: string) => (
    <TextField
      label={label}
      inputMode="decimal"
      autoComplete="off"
      error={errors[name]?.message}
      {...form.register(name)}
    />
  );
  return (
    <>
      <div className="grid grid-cols-2 gap-4 sm:grid-cols-3">
        {amount('fees', t('detail.fees'))}
        {amount('swap', t('detail.swap'))}
        {amount('pnl', t('form.brokerPnl'))}
      </div>
      <TextField
        label={t('detail.tags')}
        hint={t('form.tagsHint')}
        autoComplete="off"
        error={errors.tags?.message}
        {...form.register('tags')}
      />
      <TextAreaField
        label={t('detail.notes')}
        rows={3}
        error={errors.notes?.message}
        {...form.register('notes')}
      />
    </>
  );
}
