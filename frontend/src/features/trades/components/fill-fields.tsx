import { Trash2 } from 'lucide-react';
import type { UseFormReturn } from 'react-hook-form';
import { useTranslations } from 'use-intl';
import { IconButton } from '@/components/ui/button';
import { SelectField, TextField } from '@/components/ui/field';
import type { TradeForm } from '../form-values';

const SIDES = ['in', 'out'] as const;

interface FillFieldsProps {
  form: UseFormReturn<TradeForm>;
  /** Which fill, from zero. */
  at: number;
  /** None: it is the only one. */
  onRemove: (() => void) | undefined;
}

/** One fill. On a phone the price stands below day and time. */
export function FillFields({ form, at, onRemove }: FillFieldsProps) {
  const t = useTranslations('trades');
  const faults = form.formState.errors.executions?.[at];
  const figure = (name: 'price' | 'quantity' | 'fees', label: string) => (
    <TextField
      label={label}
      inputMode="decimal"
      autoComplete="off"
      error={faults?.[name]?.message}
      {...form.register(`executions.${at}.${name}`)}
    />
  );
  return (
    <fieldset className="min-w-0 rounded-card border border-line px-3 pb-3">
      <legend className="px-1 text-muted text-sm">{t('form.fill', { number: at + 1 })}</legend>
      <input type="hidden" {...form.register(`executions.${at}.was`)} />
      <div className="grid grid-cols-6 gap-x-2 gap-y-3 sm:grid-cols-12">
        <div className="col-span-2 sm:col-span-4">
          <SelectField
            label={t('executions.side')}
            options={SIDES.map((side) => ({ value: side, label: t(`form.sides.${side}`) }))}
            defaultValue={form.getValues(`executions.${at}.side`)}
            {...form.register(`executions.${at}.side`)}
          />
        </div>
        <div className="col-span-4 sm:col-span-8">
          <TextField
            type="datetime-local"
            label={t('executions.at')}
            error={faults?.at?.message}
            {...form.register(`executions.${at}.at`)}
          />
        </div>
        <div className="col-span-3 sm:col-span-4">{figure('price', t('executions.price'))}</div>
        <div className="col-span-3">{figure('quantity', t('form.quantity'))}</div>
        <div className="col-span-3">{figure('fees', t('detail.fees'))}</div>
        {onRemove && (
          <div className="col-span-3 flex justify-end pt-[calc(1lh+6px)] sm:col-span-2">
            <IconButton
              icon={Trash2}
              label={t('form.removeFill', { number: at + 1 })}
              onClick={onRemove}
            />
          </div>
        )}
      </div>
    </fieldset>
  );
}
