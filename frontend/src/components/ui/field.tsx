import { Field as Base } from '@base-ui/react/field';
import { ChevronDown } from 'lucide-react';
import { type ComponentProps, type ReactNode, useId } from 'react';
import { useTranslations } from 'use-intl';
import { en } from '@/lib/i18n/en';

type FieldCode = keyof typeof en.errors.field;

const BOX =
  'h-9 touch:h-11 w-full min-w-0 rounded-card border border-edge bg-surface-1 px-3 text-base text-ink touch:text-lg placeholder:text-muted aria-invalid:border-negative disabled:bg-surface-2 disabled:text-muted';

function useFieldText(): (code: string) => string {
  const t = useTranslations('errors.field');
  return (code) => (isKnown(code) ? t(code) : t('other'));
}

function isKnown(code: string): code is FieldCode {
  return code in en.errors.field;
}

interface FrameProps {
  label: string;
  hint?: ReactNode;
  /** Code of what is wrong, such as `required`. */
  error?: string | undefined;
  children: ReactNode;
}

function Frame({ label, hint, error, children }: FrameProps) {
  const text = useFieldText();
  return (
    <Base.Root invalid={error !== undefined} className="flex min-w-0 flex-col gap-1.5">
      <Base.Label className="font-medium">{label}</Base.Label>
      {children}
      {hint !== undefined && error === undefined && (
        <Base.Description className="text-muted text-sm">{hint}</Base.Description>
      )}
      <Base.Error match={error !== undefined} className="text-negative text-sm">
        {error !== undefined && text(error)}
      </Base.Error>
    </Base.Root>
  );
}

type TextFieldProps = Omit<FrameProps, 'children'> &
  Omit<ComponentProps<'input'>, 'className' | 'value'>;

/** One line of text with its label. Takes the props of react-hook-form's `register`. */
export function TextField({ label, hint, error, ...input }: TextFieldProps) {
  return (
    <Frame label={label} hint={hint} error={error}>
      <Base.Control {...input} className={BOX} />
    </Frame>
  );
}

type TextAreaFieldProps = Omit<FrameProps, 'children'> &
  Omit<ComponentProps<'textarea'>, 'className' | 'value'>;

/** Several lines of text with their label. */
export function TextAreaField({ label, hint, error, ...area }: TextAreaFieldProps) {
  return (
    <Frame label={label} hint={hint} error={error}>
      <Base.Control
        render={<textarea rows={2} {...area} />}
        className={`${BOX.replaceAll(/h-(9|11)/g, 'min-h-$1')} py-2`}
      />
    </Frame>
  );
}

interface SelectFieldProps extends Omit<ComponentProps<'select'>, 'className' | 'children' | 'id'> {
  label: string;
  options: { value: string; label: string }[];
}

/** A choice from a list: the system's own, which is the best one on a phone. */
export function SelectField({ label, options, ...select }: SelectFieldProps) {
  const id = useId();
  return (
    <div className="flex min-w-0 flex-col gap-1.5">
      <label htmlFor={id} className="font-medium">
        {label}
      </label>
      <span className="relative flex">
        <select {...select} id={id} className={`${BOX} appearance-none truncate pr-9`}>
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
        <ChevronDown
          aria-hidden
          size={16}
          className="pointer-events-none absolute top-1/2 right-3 -translate-y-1/2 text-muted"
        />
      </span>
    </div>
  );
}
