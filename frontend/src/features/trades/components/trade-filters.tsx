import { SlidersHorizontal } from 'lucide-react';
import { type RefObject, useEffect, useId, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Account, Group } from '@/api/types';
import { useShortcuts } from '@/components/shortcuts';
import { Button } from '@/components/ui/button';
import { SelectField, TextField } from '@/components/ui/field';
import {
  FIRST_SORT,
  oneOf,
  present,
  RESULTS,
  SIDES,
  SORTS,
  SOURCES,
  STATUSES,
  type TradesSearch,
} from '../search';
import { SymbolSuggestions } from './symbol-suggestions';

interface TradeFiltersProps {
  accounts: Account[];
  groups: Group[];
  search: TradesSearch;
  onChange: (search: TradesSearch) => void;
}

/** What the list of trades is narrowed to, and its order. On phones behind a button. */
export function TradeFilters({ accounts, groups, search, onChange }: TradeFiltersProps) {
  const t = useTranslations('trades');
  const [isShown, setShown] = useState(false);
  const symbol = useRef<HTMLInputElement>(null);
  const symbols = useId();
  useShortcuts({
    '/': () => {
      setShown(true);
      requestAnimationFrame(() => symbol.current?.focus());
    },
  });
  const { sort: _, trade: __, ...narrowing } = search;
  const count = Object.keys(narrowing).length;
  const change = (part: { [Name in keyof TradesSearch]?: TradesSearch[Name] | undefined }) =>
    onChange(present({ ...search, ...part }));
  const any = { value: '', label: t('filters.any') };

  return (
    <form
      aria-label={t('filters.label')}
      className="mb-4"
      onSubmit={(event) => event.preventDefault()}
    >
      <div className="mb-3 sm:hidden">
        <Button icon={SlidersHorizontal} aria-expanded={isShown} onClick={() => setShown(!isShown)}>
          {t('filters.show', { count })}
        </Button>
      </div>
      <div
        className={`${isShown ? 'grid' : 'hidden'} grid-cols-2 gap-3 sm:grid sm:grid-cols-3 lg:grid-cols-5`}
      >
        <SelectField
          label={t('filters.account')}
          value={search.account ?? ''}
          onChange={(event) => change({ account: event.currentTarget.value })}
          options={[any, ...accounts.map(({ id, name }) => ({ value: id, label: name }))]}
        />
        <TypedFilter
          field={symbol}
          list={symbols}
          label={t('filters.symbol')}
          value={search.symbol}
          onChange={(symbol) => change({ symbol })}
        />
        <SymbolSuggestions id={symbols} />
        <SelectField
          label={t('filters.status')}
          value={search.status ?? ''}
          onChange={(event) => change({ status: oneOf(STATUSES, event.currentTarget.value) })}
          options={[any, ...STATUSES.map((value) => ({ value, label: t(`statuses.${value}`) }))]}
        />
        <SelectField
          label={t('filters.source')}
          value={search.source ?? ''}
          onChange={(event) => change({ source: oneOf(SOURCES, event.currentTarget.value) })}
          options={[any, ...SOURCES.map((value) => ({ value, label: t(`sources.${value}`) }))]}
        />
        <SelectField
          label={t('filters.side')}
          value={search.side ?? ''}
          onChange={(event) => change({ side: oneOf(SIDES, event.currentTarget.value) })}
          options={[any, ...SIDES.map((value) => ({ value, label: t(`directions.${value}`) }))]}
        />
        <SelectField
          label={t('filters.result')}
          value={search.result ?? ''}
          onChange={(event) => change({ result: oneOf(RESULTS, event.currentTarget.value) })}
          options={[any, ...RESULTS.map((value) => ({ value, label: t(`results.${value}`) }))]}
        />
        {(groups.length > 0 || search.group !== undefined) && (
          <SelectField
            label={t('filters.group')}
            value={search.group ?? ''}
            onChange={(event) => change({ group: event.currentTarget.value })}
            options={[any, ...groups.map(({ id, name }) => ({ value: id, label: name }))]}
          />
        )}
        <TypedFilter
          label={t('filters.tag')}
          value={search.tag}
          onChange={(tag) => change({ tag })}
        />
        <DayFilter
          label={t('filters.from')}
          day={search.from}
          max={search.to}
          onChange={(from) => change({ from })}
        />
        <DayFilter
          label={t('filters.to')}
          day={search.to}
          min={search.from}
          onChange={(to) => change({ to })}
        />
        {/* Where there are columns their heads sort. */}
        <div className="sm:hidden">
          <SelectField
            label={t('filters.sort')}
            value={search.sort ?? FIRST_SORT}
            onChange={(event) => change({ sort: oneOf(SORTS, event.currentTarget.value) })}
            options={SORTS.map((value) => ({ value, label: t(`sorts.${value}`) }))}
          />
        </div>
      </div>
    </form>
  );
}

interface TypedFilterProps {
  field?: RefObject<HTMLInputElement | null>;
  /** The list of what it suggests. */
  list?: string;
  label: string;
  value: string | undefined;
  onChange: (value: string | undefined) => void;
}

/** Takes effect when it is left, or with the return key. */
function TypedFilter({ field, list, label, value, onChange }: TypedFilterProps) {
  return (
    <TextField
      key={value}
      {...(field && { ref: field })}
      list={list}
      label={label}
      autoComplete="off"
      autoCapitalize="off"
      maxLength={64}
      {...(value && { defaultValue: value })}
      onBlur={(event) => {
        const next = event.currentTarget.value.trim() || undefined;
        if (next !== value) onChange(next);
      }}
      onKeyDown={(event) => event.key === 'Enter' && event.currentTarget.blur()}
    />
  );
}

interface DayFilterProps {
  label: string;
  day: string | undefined;
  min?: string | undefined;
  max?: string | undefined;
  onChange: (day: string | undefined) => void;
}

/** A day of the system's own calendar. A year that is still being typed is none yet. */
function DayFilter({ label, day, min, max, onChange }: DayFilterProps) {
  const field = useRef<HTMLInputElement>(null);
  // Whoever is typing in it is not disturbed by what he told so far.
  useEffect(() => {
    const input = field.current;
    if (input && input !== document.activeElement) input.value = day ?? '';
  }, [day]);
  return (
    <TextField
      ref={field}
      type="date"
      label={label}
      min={min}
      max={max}
      {...(day && { defaultValue: day })}
      onChange={(event) => {
        const { value } = event.currentTarget;
        if (value === '' || value >= '1970-01-01') onChange(value || undefined);
      }}
    />
  );
}
