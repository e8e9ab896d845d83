import { Switch as Base } from '@base-ui/react/switch';

interface SwitchProps {
  label: string;
  isOn: boolean;
  onChange: (isOn: boolean) => void;
  isBusy?: boolean;
}

export function Switch({ label, isOn, onChange, isBusy = false }: SwitchProps) {
  return (
    <Base.Root
      aria-label={label}
      checked={isOn}
      disabled={isBusy}
      onCheckedChange={onChange}
      className="relative inline-flex h-6 w-11 shrink-0 items-center rounded-full border border-edge bg-surface-2 p-px transition-colors after:absolute after:-inset-3 data-checked:border-accent-fill data-checked:bg-accent-fill data-disabled:opacity-60"
    >
      <Base.Thumb className="size-5 rounded-full bg-edge transition-[translate] data-checked:translate-x-5 data-checked:bg-on-fill" />
    </Base.Root>
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
