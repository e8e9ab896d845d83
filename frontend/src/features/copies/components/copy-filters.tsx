import { useTranslations } from 'use-intl';
import type { CopyState, ReasonCode } from '@/api/types';
import { SelectField, TextField } from '@/components/ui/field';
import { COPY_GROUPS, type CopyGroup } from '../states';
import { isReason, isState, REASONS, STATES } from '../words';

/** What a list of copies is narrowed to. */
export interface CopyNarrowing {
  state?: CopyState | undefined;
  reason?: ReasonCode | undefined;
  symbol?: string | undefined;
}

interface CopyFiltersProps {
  group: CopyGroup | 'all';
  narrowing: CopyNarrowing;
  onChange: (narrowing: CopyNarrowing) => void;
}

export function CopyFilters({ group, narrowing, onChange }: CopyFiltersProps) {
  const t = useTranslations('copies');
  const names = useTranslations('reasonNames');
  const states = group === 'all' ? STATES : COPY_GROUPS[group];
  const any = { value: '', label: t('filters.any') };
  const { state, reason, symbol } = narrowing;
  return (
    <form
      aria-label={t('filters.label')}
      className="grid grid-cols-2 gap-3 border-line border-b px-4 py-3 sm:grid-cols-[10rem_minmax(0,18rem)_10rem] max-sm:[&>:last-child:nth-child(odd)]:col-span-2"
      onSubmit={(event) => event.preventDefault()}
    >
      {states.length > 1 && (
        <SelectField
          label={t('columns.state')}
          value={state ?? ''}
          onChange={(event) => {
            const { value } = event.currentTarget;
            onChange({ ...narrowing, state: isState(value) ? value : undefined });
          }}
          options={[any, ...states.map((value) => ({ value, label: t(`states.${value}`) }))]}
        />
      )}
      {group !== 'open' && group !== 'closed' && (
        <SelectField
          label={t('columns.reason')}
          value={reason ?? ''}
          onChange={(event) => {
            const { value } = event.currentTarget;
            onChange({ ...narrowing, reason: isReason(value) ? value : undefined });
          }}
          options={[any, ...REASONS.map((value) => ({ value, label: names(value) }))]}
        />
      )}
      <TextField
        key={symbol}
        label={t('columns.symbol')}
        autoComplete="off"
        autoCapitalize="characters"
        {...(symbol && { defaultValue: symbol })}
        onBlur={(event) => {
          const typed = event.currentTarget.value.trim() || undefined;
          if (typed !== symbol) onChange({ ...narrowing, symbol: typed });
        }}
        onKeyDown={(event) => event.key === 'Enter' && event.currentTarget.blur()}
      />
    </form>
  );
}
