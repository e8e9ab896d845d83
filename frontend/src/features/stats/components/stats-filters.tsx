import { useTranslations } from 'use-intl';
import type { Account, Group } from '@/api/types';
import { CurrencySelect } from '@/components/currency-select';
import { SelectField, TextField } from '@/components/ui/field';
import { readStatsSearch, type StatsSearch } from '../search';

interface StatsFiltersProps {
  accounts: Account[];
  groups: Group[];
  search: StatsSearch;
  onChange: (search: StatsSearch) => void;
}

/** Whose trades, and of when. An account, a group and a currency exclude each other. */
export function StatsFilters({ accounts, groups, search, onChange }: StatsFiltersProps) {
  const t = useTranslations('stats.filters');
  const change = (part: Record<string, string | undefined>) =>
    onChange(readStatsSearch({ ...search, ...part }));
  const any = { value: '', label: t('all') };
  const currencies = [...new Set(accounts.map(({ currency }) => currency))].sort();
  const day = (name: 'from' | 'to') => (
    <TextField
      key={search[name]}
      type="date"
      label={t(name)}
      {...(search[name] && { defaultValue: search[name] })}
      onChange={(event) => {
        const { value } = event.currentTarget;
        // A year that is still being typed is none yet.
        if (value === '' || value >= '1970-01-01') change({ [name]: value });
      }}
    />
  );
  return (
    <form
      aria-label={t('label')}
      className="mb-4 grid grid-cols-2 gap-3 sm:grid-cols-3 lg:grid-cols-6"
      onSubmit={(event) => event.preventDefault()}
    >
      <SelectField
        label={t('account')}
        value={search.account ?? ''}
        onChange={(event) =>
          change({ account: event.currentTarget.value, group: '', currency: '' })
        }
        options={[any, ...accounts.map(({ id, name }) => ({ value: id, label: name }))]}
      />
      {groups.length > 0 && (
        <SelectField
          label={t('group')}
          value={search.group ?? ''}
          onChange={(event) =>
            change({ group: event.currentTarget.value, account: '', currency: '' })
          }
          options={[any, ...groups.map(({ id, name }) => ({ value: id, label: name }))]}
        />
      )}
      {(currencies.length > 1 || search.currency !== undefined) && (
        <SelectField
          label={t('currency')}
          value={search.currency ?? ''}
          onChange={(event) =>
            change({ currency: event.currentTarget.value, account: '', group: '' })
          }
          options={[any, ...currencies.map((value) => ({ value, label: value }))]}
        />
      )}
      <TextField
        key={`tag ${search.tag}`}
        label={t('tag')}
        autoComplete="off"
        maxLength={40}
        {...(search.tag && { defaultValue: search.tag })}
        onBlur={(event) => {
          const tag = event.currentTarget.value.trim();
          if (tag !== (search.tag ?? '')) change({ tag });
        }}
        onKeyDown={(event) => event.key === 'Enter' && event.currentTarget.blur()}
      />
      {day('from')}
      {day('to')}
      <CurrencySelect
        label={t('in')}
        each={t('each')}
        currencies={accounts.map(({ currency }) => currency)}
        value={search.in}
        onChange={(currency) => change({ in: currency })}
      />
    </form>
  );
}
