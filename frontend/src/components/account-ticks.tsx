import type { Account } from '@/api/types';
import { VenueMark } from './venue-mark';

interface AccountTicksProps {
  label: string;
  accounts: Pick<Account, 'id' | 'name'>[];
  ticked: ReadonlySet<string>;
  onChange: (ticked: ReadonlySet<string>) => void;
}

/** Accounts to be ticked, wrapped into lines. */
export function AccountTicks({ label, accounts, ticked, onChange }: AccountTicksProps) {
  return (
    <fieldset className="mb-4 min-w-0">
      <legend className="mb-1.5 font-medium">{label}</legend>
      <div className="flex flex-wrap gap-2">
        {accounts.map(({ id, name }) => (
          <label
            key={id}
            className="flex min-h-9 touch:min-h-11 max-w-full cursor-pointer items-center gap-2 rounded-card border border-line bg-surface-1 px-3 hover:bg-surface-2 has-checked:border-accent has-checked:bg-accent-soft"
          >
            <input
              type="checkbox"
              className="size-4 shrink-0 accent-accent-fill"
              checked={ticked.has(id)}
              onChange={(event) => {
                const next = new Set(ticked);
                if (event.currentTarget.checked) next.add(id);
                else next.delete(id);
                onChange(next);
              }}
            />
            <span className="min-w-0 truncate">{name}</span>
            <VenueMark accountId={id} />
          </label>
        ))}
      </div>
    </fieldset>
  );
}
