import { useTranslations } from 'use-intl';
import { SIZING_MODES, sizingFault, type TypedSizing } from '@/lib/offered-sizing';
import { SelectField, TextField } from './ui/field';

interface SizingChoiceProps {
  sizing: TypedSizing;
  onChange: (sizing: TypedSizing) => void;
}

/** How large copies are, chosen before they begin. */
export function SizingChoice({ sizing, onChange }: SizingChoiceProps) {
  const t = useTranslations('copySettings');
  const { mode, value } = sizing;
  return (
    <div className="mt-4 grid gap-4 sm:grid-cols-2">
      <SelectField
        label={t('mode')}
        options={SIZING_MODES.map((each) => ({ value: each, label: t(`modes.${each}`) }))}
        value={mode}
        onChange={(event) => {
          const chosen = SIZING_MODES.find((each) => each === event.currentTarget.value) ?? mode;
          // A value that suited another mode may be a slip that costs an account.
          onChange({ mode: chosen, value: '' });
        }}
      />
      {mode !== 'same' && (
        <TextField
          key={mode}
          label={t(`values.${mode}`)}
          hint={t(`valueHints.${mode}`)}
          inputMode="decimal"
          autoComplete="off"
          defaultValue={value}
          onChange={(event) => onChange({ mode, value: event.currentTarget.value })}
          error={value === '' ? undefined : sizingFault(sizing)}
        />
      )}
    </div>
  );
}
