interface SwitchProps {
  label: string;
  isOn: boolean;
  onChange: (isOn: boolean) => void;
  isBusy?: boolean;
}

export function Switch({ label, isOn, onChange, isBusy = false }: SwitchProps) {
  return (
    <button
      type="button"
      role="switch"
      aria-label={label}
      aria-checked={isOn}
      aria-disabled={isBusy || undefined}
      onClick={() => !isBusy && onChange(!isOn)}
      className="group relative inline-flex h-6 w-11 shrink-0 items-center rounded-full border border-edge bg-surface-2 p-px transition-colors after:absolute after:-inset-3 aria-checked:border-accent-fill aria-checked:bg-accent-fill aria-disabled:opacity-60"
    >
      <span className="size-5 rounded-full bg-edge transition-[translate] group-aria-checked:translate-x-5 group-aria-checked:bg-on-fill" />
    </button>
  );
}

interface SwitchRowProps extends SwitchProps {
  hint?: string;
}

/** A switch at the end of a line that says what it does. */
export function SwitchRow({ hint, ...props }: SwitchRowProps) {
  return (
    <div className="flex items-center justify-between gap-4">
      <div className="min-w-0">
        <p className="font-medium">{props.label}</p>
        {hint !== undefined && <p className="text-muted text-sm">{hint}</p>}
      </div>
      <Switch {...props} />
    </div>
  );
}
