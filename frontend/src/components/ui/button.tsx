import { LoaderCircle, type LucideIcon } from 'lucide-react';
import type { ComponentProps } from 'react';

const SHAPE =
  'inline-flex h-9 touch:h-11 shrink-0 items-center justify-center gap-2 whitespace-nowrap rounded-card px-3.5 font-medium text-base transition-colors aria-disabled:opacity-60';

const LOOKS = {
  primary: 'bg-accent-fill text-on-fill hover:brightness-110',
  secondary: 'border border-edge bg-surface-1 text-ink hover:bg-surface-2',
  quiet: 'text-accent hover:bg-surface-2',
  danger: 'bg-negative-fill text-on-fill hover:brightness-110',
} as const;

export type ButtonLook = keyof typeof LOOKS;

/** The classes of a button, for links that look like one. */
export const buttonClass = (look: ButtonLook): string => `${SHAPE} ${LOOKS[look]}`;

/** One that cannot be pressed keeps the focus, so that it is found and heard. */
interface ButtonProps extends Omit<ComponentProps<'button'>, 'className'> {
  look?: ButtonLook;
  icon?: LucideIcon;
  /** Its action is under way: it cannot be pressed again, but keeps the focus. */
  isBusy?: boolean;
}

export function Button({
  look = 'secondary',
  icon: Icon,
  isBusy = false,
  disabled = false,
  onClick,
  children,
  ...props
}: ButtonProps) {
  const isOff = isBusy || disabled;
  return (
    <button
      type="button"
      {...props}
      onClick={(event) => {
        // Not sent either, where it submits.
        if (isOff) event.preventDefault();
        else onClick?.(event);
      }}
      aria-disabled={isOff || undefined}
      aria-busy={isBusy || undefined}
      className={buttonClass(look)}
    >
      {isBusy ? (
        <LoaderCircle aria-hidden size={16} className="animate-spin" />
      ) : (
        Icon && <Icon aria-hidden size={16} />
      )}
      {children}
    </button>
  );
}

interface IconButtonProps extends Omit<ComponentProps<'button'>, 'className' | 'aria-label'> {
  icon: LucideIcon;
  label: string;
}

/** A button that shows only an icon; its label is spoken and shown on hover. */
export function IconButton({ icon: Icon, label, ...props }: IconButtonProps) {
  return (
    <button
      type="button"
      title={label}
      {...props}
      aria-label={label}
      className="inline-flex size-9 touch:size-11 shrink-0 items-center justify-center rounded-card text-muted hover:bg-surface-2 hover:text-ink disabled:opacity-60 aria-disabled:opacity-60"
    >
      <Icon aria-hidden size={16} />
    </button>
  );
}
