import { useTranslations } from 'use-intl';
import type { Account } from '@/api/types';
import { SelectField, TextField } from '@/components/ui/field';
import { ASSETS } from '../form-values';
import { type ImportOrder, PRESETS } from '../imports';
import { oneOf } from '../search';

export type ImportChoice = Omit<ImportOrder, 'file' | 'isTrial'> & { file: File | null };

interface ImportFieldsProps {
  choice: ImportChoice;
  accounts: Account[];
  isTooLarge: boolean;
  onChange: (part: Partial<ImportChoice>) => void;
}

const DECIMALS = ['auto', 'point', 'comma'] as const;
const ORDERS = ['auto', 'dmy', 'mdy'] as const;
const KINDS = ['auto', ...ASSETS] as const;
/** The runtime's own list may lack the one that needs no place. */
const ZONES = ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')];

/** Which file it is, where its trades go, and how it is read. */
export function ImportFields({ choice, accounts, isTooLarge, onChange }: ImportFieldsProps) {
  const t = useTranslations('imports');
  const kinds = useTranslations('trades.assetTypes');
  const { timeZone } = choice;
  const zones = ZONES.includes(timeZone) ? ZONES : [timeZone, ...ZONES];
  return (
    <>
      <div className="grid gap-4 sm:grid-cols-2">
        <SelectField
          label={t('preset')}
          value={choice.preset}
          onChange={(event) => {
            const preset = oneOf(PRESETS, event.currentTarget.value);
            if (preset) onChange({ preset, mapping: {} });
          }}
          options={PRESETS.map((value) => ({ value, label: t(`presets.${value}`) }))}
        />
        <SelectField
          label={t('account')}
          value={choice.accountId}
          onChange={(event) => onChange({ accountId: event.currentTarget.value })}
          options={accounts.map(({ id, name }) => ({ value: id, label: name }))}
        />
      </div>
      <TextField
        type="file"
        label={t('file')}
        hint={isTooLarge ? t('tooLarge') : t('fileHint')}
        accept=".csv,.txt,.tsv,.htm,.html,text/csv,text/html,text/plain"
        onChange={(event) =>
          onChange({ file: event.currentTarget.files?.[0] ?? null, mapping: {} })
        }
      />
      <div className="grid gap-4 sm:grid-cols-2">
        <SelectField
          label={t('decimal')}
          value={choice.decimal}
          onChange={(event) =>
            onChange({ decimal: oneOf(DECIMALS, event.currentTarget.value) ?? 'auto' })
          }
          options={DECIMALS.map((value) => ({ value, label: t(`decimals.${value}`) }))}
        />
        <SelectField
          label={t('order')}
          value={choice.dateOrder}
          onChange={(event) =>
            onChange({ dateOrder: oneOf(ORDERS, event.currentTarget.value) ?? 'auto' })
          }
          options={ORDERS.map((value) => ({ value, label: t(`orders.${value}`) }))}
        />
        <SelectField
          label={t('zone')}
          value={timeZone}
          onChange={(event) => onChange({ timeZone: event.currentTarget.value })}
          options={zones.map((value) => ({ value, label: value }))}
        />
        <SelectField
          label={t('kind')}
          value={choice.assetType}
          onChange={(event) =>
            onChange({ assetType: oneOf(KINDS, event.currentTarget.value) ?? 'auto' })
          }
          options={KINDS.map((value) => ({
            value,
            label: value === 'auto' ? t('usualKind') : kinds(value),
          }))}
        />
      </div>
    </>
  );
}
