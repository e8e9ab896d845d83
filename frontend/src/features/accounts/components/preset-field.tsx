import type { UseFormReturn } from 'react-hook-form';
import { useWatch } from 'react-hook-form';
import { useTranslations } from 'use-intl';
import { useMoneyText } from '@/components/figures';
import { SelectField } from '@/components/ui/field';
import { PRESETS, presetNamed } from '../presets';
import type { CreateForm } from '../schema';

/** A usual kind of account to begin with, and what it sets: all of it can still be changed. */
export function PresetField({ form }: { form: UseFormReturn<CreateForm> }) {
  const t = useTranslations('accountForms.form');
  const money = useMoneyText();
  const [name, currency] = useWatch({ control: form.control, name: ['preset', 'currency'] });
  const chosen = presetNamed(name);
  return (
    <div>
      <SelectField
        label={t('preset')}
        value={name}
        onChange={(event) => {
          const preset = presetNamed(event.currentTarget.value);
          form.setValue('preset', preset?.name ?? '');
          form.setValue('starting_balance', preset?.starting_balance ?? '', {
            shouldValidate: form.formState.isSubmitted,
          });
        }}
        options={[
          { value: '', label: t('noPreset') },
          ...PRESETS.map((each) => ({ value: each.name, label: each.name })),
        ]}
      />
      {chosen && (
        <p className="mt-1.5 text-pretty text-muted text-sm">
          {t('presetSets', {
            balance: money(chosen.starting_balance, currency),
            level: chosen.capital_level,
            tolerance: t(`tolerances.${toleranceOf(chosen.risk_tolerance)}`),
          })}
        </p>
      )}
    </div>
  );
}

const TOLERANCES = ['aggressive', 'balanced', 'optimal', 'conservative'] as const;

function toleranceOf(word: string): (typeof TOLERANCES)[number] {
  return TOLERANCES.find((each) => each === word) ?? 'balanced';
}
