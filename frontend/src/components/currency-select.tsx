import { SelectField } from './ui/field';

interface CurrencySelectProps {
  label: string;
  /** What it is called when nothing is converted. */
  each: string;
  /** In any order, also repeated. */
  currencies: string[];
  value: string | undefined;
  onChange: (currency: string | undefined) => void;
}

/** What money of several currencies is told in. Nothing to choose while there is one. */
export function CurrencySelect({ label, each, currencies, value, onChange }: CurrencySelectProps) {
  const known = [...new Set(currencies)].sort();
  if (known.length < 2 && value === undefined) return null;
  const all = value === undefined || known.includes(value) ? known : [...known, value];
  return (
    <SelectField
      label={label}
      value={value ?? ''}
      onChange={(event) => onChange(event.currentTarget.value || undefined)}
      options={[
        { value: '', label: each },
        ...all.map((currency) => ({ value: currency, label: currency })),
      ]}
    />
  );
}
