import type { UseFormReturn } from 'react-hook-form';
import { useWatch } from 'react-hook-form';
import { useTranslations } from 'use-intl';
import { SelectField } from '@/components/ui/field';
import { ACCOUNT_PRESETS, presetNamed } from '../presets';
import type { CreateForm } from '../schema';
import { PresetFacts } from './preset-facts';

/** A usual kind of account to begin with, and what it sets: all of it can be changed later. */
export function PresetField({ form }: { form: UseFormReturn<CreateForm> }) {
  const t = useTranslations('accountForms');
  const [name, currency, balance, role] = useWatch({
    control: form.control,
    name: ['preset', 'currency', 'starting_balance', 'copy_role'],
  });
  const chosen = presetNamed(name);
  return (
    <div>
      <SelectField
        label={t('form.preset')}
        value={name}
        onChange={(event) => {
          const preset = presetNamed(event.currentTarget.value);
          form.setValue('preset', preset?.name ?? '');
          form.setValue('starting_balance', preset?.starting_balance ?? '', {
            shouldValidate: form.formState.isSubmitted,
          });
        }}
        options={[
          { value: '', label: t('form.noPreset') },
          ...ACCOUNT_PRESETS.map((each) => ({ value: each.name, label: each.name })),
        ]}
      />
      {chosen && (
        <>
          <PresetFacts
            preset={chosen}
            balance={balance}
            currency={currency}
            isFollower={role === 'follower'}
          />
          <p className="mt-1.5 text-pretty text-muted text-sm">{t('preset.note')}</p>
        </>
      )}
    </div>
  );
}
