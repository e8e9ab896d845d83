import type { ReactNode } from 'react';
import { Controller, type UseFormReturn } from 'react-hook-form';
import { useTranslations } from 'use-intl';
import { SelectField, TextAreaField, TextField } from '@/components/ui/field';
import { SwitchRow } from '@/components/ui/switch';
import { SIZING_MODES } from '@/lib/offered-sizing';
import type { SettingsValues } from '../settings-values';
import { OnPartialField } from './on-partial-field';

interface GroupProps {
  form: UseFormReturn<SettingsValues>;
  /** The follower trades at an exchange: coins instead of lots, and orders that wait for their turn. */
  isVenue?: boolean;
}

function Group({ title, children }: { title: string; children: ReactNode }) {
  return (
    <fieldset className="min-w-0">
      <legend className="mb-3 font-semibold">{title}</legend>
      <div className="flex flex-col gap-4">{children}</div>
    </fieldset>
  );
}

export function SizeFields({ form }: GroupProps) {
  const t = useTranslations('copySettings');
  const { errors } = form.formState;
  const mode = form.watch('mode');
  const number = { inputMode: 'decimal', autoComplete: 'off' } as const;
  return (
    <Group title={t('groups.size')}>
      <div className="grid gap-4 sm:grid-cols-2">
        <SelectField
          label={t('mode')}
          options={SIZING_MODES.map((value) => ({ value, label: t(`modes.${value}`) }))}
          {...form.register('mode')}
        />
        {mode !== 'same' && (
          <TextField
            label={t(`values.${mode}`)}
            hint={t(`valueHints.${mode}`)}
            error={errors.value?.message}
            {...number}
            {...form.register('value')}
          />
        )}
      </div>
      <div className="grid gap-4 sm:grid-cols-3">
        <TextField
          label={t('min')}
          hint={t('minHint')}
          error={errors.min_lots?.message}
          {...number}
          {...form.register('min_lots')}
        />
        <TextField
          label={t('max')}
          hint={t('maxHint')}
          error={errors.max_lots?.message}
          {...number}
          {...form.register('max_lots')}
        />
        <TextField
          label={t('step')}
          hint={t('stepHint')}
          error={errors.lot_step?.message}
          {...number}
          {...form.register('lot_step')}
        />
      </div>
    </Group>
  );
}

export function TradeFields({ form, isVenue = false }: GroupProps) {
  const t = useTranslations('copySettings');
  return (
    <Group title={t('groups.trades')}>
      <div className="sm:max-w-72">
        <SelectField
          label={t('sides')}
          options={(['both', 'buy', 'sell'] as const).map((value) => ({
            value,
            label: t(`sideNames.${value}`),
          }))}
          {...form.register('sides')}
        />
      </div>
      {(['reverse', 'copy_sl_tp'] as const).map((name) => (
        <Controller
          key={name}
          control={form.control}
          name={name}
          render={({ field }) => (
            <SwitchRow
              label={t(name)}
              hint={t(`${name}Hint`)}
              isOn={field.value}
              onChange={field.onChange}
            />
          )}
        />
      ))}
      {!isVenue && <OnPartialField form={form} />}
    </Group>
  );
}

interface InstrumentProps extends GroupProps {
  /** Finds contracts of an exchange, to put into the map. */
  contracts?: ReactNode;
}

export function InstrumentFields({ form, isVenue = false, contracts }: InstrumentProps) {
  const t = useTranslations('copySettings');
  const { errors } = form.formState;
  const text = { autoComplete: 'off', spellCheck: false, autoCapitalize: 'off' } as const;
  return (
    <Group title={t('groups.instruments')}>
      <div className="grid gap-4 sm:grid-cols-2">
        {(['allow_symbols', 'deny_symbols'] as const).map((name) => (
          <TextAreaField
            key={name}
            label={t(name)}
            hint={t(`${name}Hint`)}
            error={errors[name]?.message}
            {...text}
            {...form.register(name)}
          />
        ))}
        {(['strip_suffix', 'add_suffix'] as const).map((name) => (
          <TextField
            key={name}
            label={t(name)}
            hint={t(`${name}Hint`)}
            error={errors[name]?.message}
            {...text}
            {...form.register(name)}
          />
        ))}
      </div>
      <div className={isVenue ? 'grid gap-4 sm:grid-cols-2' : ''}>
        <TextAreaField
          label={t('symbol_map')}
          hint={t(isVenue ? 'symbol_mapVenueHint' : 'symbol_mapHint')}
          error={errors.symbol_map?.message}
          {...text}
          {...form.register('symbol_map')}
        />
        {isVenue && (
          <TextAreaField
            label={t('units_per_lot')}
            hint={t('units_per_lotHint')}
            error={errors.units_per_lot?.message}
            {...text}
            {...form.register('units_per_lot')}
          />
        )}
      </div>
      {isVenue && contracts}
    </Group>
  );
}

export function ProtectionFields({ form, isVenue = false }: GroupProps) {
  const t = useTranslations('copySettings');
  const { errors } = form.formState;
  return (
    <Group title={t('groups.protection')}>
      <div className="grid gap-4 sm:grid-cols-3">
        {(['max_open_copies', 'max_age_s', 'max_deviation'] as const).map((name) => (
          <TextField
            key={name}
            label={t(name)}
            hint={t(isVenue && name !== 'max_open_copies' ? `${name}VenueHint` : `${name}Hint`)}
            inputMode="decimal"
            autoComplete="off"
            error={errors[name]?.message}
            {...form.register(name)}
          />
        ))}
      </div>
    </Group>
  );
}
