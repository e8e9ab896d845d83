import { useId } from 'react';
import { Controller, type UseFormReturn, useWatch } from 'react-hook-form';
import { useTranslations } from 'use-intl';
import type { Trade } from '@/api/types';
import { SelectField, TextAreaField, TextField } from '@/components/ui/field';
import { ASSETS, isLeftBehind, type TradeForm, unitsUntold } from '../form-values';
import { likelyAsset } from '../profit-of';
import { KindField } from './kind-field';
import { SymbolSuggestions } from './symbol-suggestions';

type Parts = { form: UseFormReturn<TradeForm> };

const PAIR = 'grid grid-cols-2 gap-4';

/** What was traded, which way and how much. Of a new trade the symbol tells the likely kind. */
export function TradedFields({ form, trade }: Parts & { trade: Trade | undefined }) {
  const t = useTranslations('trades');
  const list = useId();
  const { errors } = form.formState;
  const [kind, asset, symbol, isSeveral] = useWatch({
    control: form.control,
    name: ['kind', 'asset_type', 'symbol', 'several'],
  });
  const isRight = kind === 'CALL' || kind === 'PUT';
  const dropUnits = () => {
    if (trade && isLeftBehind(form.getValues(), trade)) form.setValue('multiplier', '');
  };
  return (
    <>
      <Controller
        control={form.control}
        name="kind"
        render={({ field }) => (
          <KindField
            value={field.value}
            onChange={(next) => {
              field.onChange(next);
              dropUnits();
            }}
          />
        )}
      />
      <div className={PAIR}>
        <TextField
          label={t('columns.symbol')}
          list={list}
          autoComplete="off"
          autoCapitalize="characters"
          error={errors.symbol?.message}
          {...form.register('symbol', {
            onChange: dropUnits,
            onBlur: (event: { target: { value: string } }) => {
              const likely = !trade && likelyAsset(event.target.value.trim());
              if (likely && !form.formState.dirtyFields.asset_type)
                form.setValue('asset_type', likely);
            },
          })}
        />
        <SymbolSuggestions id={list} />
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
              onChange={(event) => {
                field.onChange(event);
                dropUnits();
              }}
            />
          )}
        />
      </div>
      <div className={PAIR}>
        {!isSeveral && (
          <TextField
            label={t('form.quantity')}
            inputMode="decimal"
            autoComplete="off"
            error={errors.quantity?.message}
            {...form.register('quantity')}
          />
        )}
        <TextField
          label={t('detail.multiplier')}
          inputMode="decimal"
          autoComplete="off"
          placeholder={unitsUntold({ kind, asset_type: asset, symbol }, trade) ?? ''}
          error={errors.multiplier?.message}
          {...form.register('multiplier')}
        />
      </div>
    </>
  );
}

/** Where it began and ended, unless fills tell that, and where it was to end. */
export function PriceFields({ form }: Parts) {
  const t = useTranslations();
  const { errors } = form.formState;
  const isSeveral = useWatch({ control: form.control, name: 'several' });
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
  // Half a phone is too narrow for a day and a time.
  return (
    <div className="grid grid-cols-2 gap-4 max-sm:[&>:has([type=datetime-local])]:col-span-2 max-sm:[&>:has([name=entry_price])]:col-span-2 max-sm:[&>:has([name=exit_price])]:col-span-2">
      {!isSeveral && (
        <>
          {price('entry_price', t('trades.form.entryPrice'))}
          {time('entry_at', t('trades.columns.entry'))}
          {price('exit_price', t('trades.form.exitPrice'))}
          {time('exit_at', t('trades.columns.exit'))}
        </>
      )}
      {price('stop_loss', t('trades.form.stop'))}
      {price('take_profit', t('trades.form.target'))}
    </div>
  );
}

/** What it cost, and what its owner says of it. */
export function NoteFields({ form }: Parts) {
  const t = useTranslations('trades');
  const { errors } = form.formState;
  const isSeveral = useWatch({ control: form.control, name: 'several' });
  const amount = (name: 'fees' | 'swap' | 'pnl' | 'mae' | 'mfe', label: string, hint?: string) => (
    <TextField
      label={label}
      hint={hint}
      inputMode="decimal"
      autoComplete="off"
      error={errors[name]?.message}
      {...form.register(name)}
    />
  );
  return (
    <>
      <div className="grid grid-cols-2 gap-4 sm:grid-cols-3">
        {isSeveral
          ? amount('fees', t('form.allFees'), t('form.allFeesHint'))
          : amount('fees', t('detail.fees'))}
        {amount('swap', t('detail.swap'))}
        {amount('pnl', t('form.brokerPnl'))}
      </div>
      <div className={PAIR}>
        {amount('mae', t('detail.worst'), t('form.worstHint'))}
        {amount('mfe', t('detail.best'))}
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
