import { useTranslations } from 'use-intl';
import type { TradeFilter } from '@/api/stream/apply';
import type { Account } from '@/api/types';
import { SelectField, TextField } from '@/components/ui/field';

interface TradeFiltersProps {
  accounts: Account[];
  filter: TradeFilter;
  onChange: (filter: TradeFilter) => void;
}

/** What the list of trades is narrowed to. */
export function TradeFilters({ accounts, filter, onChange }: TradeFiltersProps) {
  const t = useTranslations('trades');
  const any = { value: '', label: t('filters.any') };
  return (
    <form
      aria-label={t('filters.label')}
      className="mb-4 grid grid-cols-2 gap-3 sm:grid-cols-[minmax(0,16rem)_10rem_10rem]"
      onSubmit={(event) => event.preventDefault()}
    >
      <SelectField
        label={t('filters.account')}
        value={filter.account_id ?? ''}
        onChange={(event) =>
          onChange({ ...filter, account_id: event.currentTarget.value || undefined })
        }
        options={[any, ...accounts.map(({ id, name }) => ({ value: id, label: name }))]}
      />
      <SelectField
        label={t('filters.status')}
        value={filter.status ?? ''}
        onChange={(event) => onChange({ ...filter, status: statusOf(event.currentTarget.value) })}
        options={[
          any,
          { value: 'open', label: t('statuses.open') },
          { value: 'closed', label: t('statuses.closed') },
        ]}
      />
      <TextField
        key={filter.symbol}
        label={t('filters.symbol')}
        autoComplete="off"
        autoCapitalize="characters"
        {...(filter.symbol && { defaultValue: filter.symbol })}
        onBlur={(event) => {
          const symbol = event.currentTarget.value.trim() || undefined;
          if (symbol !== filter.symbol) onChange({ ...filter, symbol });
        }}
        onKeyDown={(event) => event.key === 'Enter' && event.currentTarget.blur()}
      />
    </form>
  );
}

function statusOf(value: string): TradeFilter['status'] {
  return value === 'open' || value === 'closed' ? value : undefined;
}
