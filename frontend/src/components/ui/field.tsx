import { ChevronDown, Eye, EyeOff } from 'lucide-react';
import { type ComponentProps, type ReactNode, useId, useState } from 'react';
import { useMessages, useTranslations } from 'use-intl';
import type { Messages } from '@/lib/i18n/i18n';
import { IconButton } from './button';

type FieldCode = keyof Messages['errors']['field'];

const BOX =
  'h-9 touch:h-11 w-full min-w-0 rounded-card border border-edge bg-surface-1 px-3 text-base text-ink touch:text-lg placeholder:text-muted aria-invalid:border-negative disabled:bg-surface-2 disabled:text-muted file:mr-3 file:h-full file:font-medium file:text-accent';

/** Writes out what is wrong with a field. */
export function useFieldText(): (code: string) => string {
  const t = useTranslations('errors.field');
  const known = useMessages().errors.field;
  const isKnown = (code: string): code is FieldCode => code in known;
  return (code) => (isKnown(code) ? t(code) : t('other'));
}

interface FrameProps {
  label: string;
  hint?: ReactNode;
  /** Code of what is wrong, such as `required`. */
  error?: string | undefined;
}

interface ControlProps {
  id: string;
  'aria-invalid': true | undefined;
  'aria-describedby': string | undefined;
}

/** The label, the control, and below it what is wrong or what helps. */
function Frame({
  label,
  hint,
  error,
  control,
}: FrameProps & { control: (props: ControlProps) => ReactNode }) {
  const text = useFieldText();
  const id = useId();
  const note = error === undefined ? hint : text(error);
  return (
    <div className="flex min-w-0 flex-col gap-1.5">
      <label htmlFor={id} className="font-medium">
        {label}
      </label>
      {control({
        id,
        'aria-invalid': error === undefined ? undefined : true,
        'aria-describedby': note === undefined ? undefined : `${id}-note`,
      })}
      {note !== undefined && (
        <p
          id={`${id}-note`}
          className={`text-sm ${error === undefined ? 'text-muted' : 'text-negative'}`}
        >
          {note}
        </p>
      )}
    </div>
  );
}

type TextFieldProps = FrameProps & Omit<ComponentProps<'input'>, 'className' | 'id'>;

/** One line of text with its label. Takes the props of react-hook-form's `register`. */
export function TextField({ label, hint, error, ...input }: TextFieldProps) {
  return (
    <Frame
      label={label}
      hint={hint}
      error={error}
      control={(props) => <input {...input} {...props} className={BOX} />}
    />
  );
}

/** A secret that somebody else issued: masked, readable on demand, and kept by no browser. */
export function SecretInput({ label, hint, error, ...input }: TextFieldProps) {
  const t = useTranslations('common');
  const [isShown, setShown] = useState(false);
  return (
    <Frame
      label={label}
      hint={hint}
      error={error}
      control={(props) => (
        <span className="relative flex">
          <input
            autoComplete="off"
            autoCapitalize="off"
            spellCheck={false}
            {...input}
            {...props}
            type={isShown ? 'text' : 'password'}
            data-1p-ignore
            data-lpignore="true"
            className={`${BOX} pr-12 font-mono`}
          />
          <span className="absolute right-0">
            <IconButton
              icon={isShown ? EyeOff : Eye}
              label={t(isShown ? 'hideNamed' : 'showNamed', { what: label })}
              onClick={() => setShown(!isShown)}
            />
          </span>
        </span>
      )}
    />
  );
}

type TextAreaFieldProps = FrameProps & Omit<ComponentProps<'textarea'>, 'className' | 'id'>;

/** Several lines of text with their label. */
export function TextAreaField({ label, hint, error, ...area }: TextAreaFieldProps) {
  const box = `${BOX.replaceAll(/h-(9|11)/g, 'min-h-$1')} py-2`;
  return (
    <Frame
      label={label}
      hint={hint}
      error={error}
      control={(props) => <textarea rows={2} {...area} {...props} className={box} />}
    />
  );
}

interface SelectFieldProps extends Omit<ComponentProps<'select'>, 'className' | 'children' | 'id'> {
  label: string;
  hint?: string;
  options: { value: string; label: string }[];
}

/** A choice from a list: the system's own, which is the best one on a phone. */
export function SelectField({ label, hint, options, ...select }: SelectFieldProps) {
  const id = useId();
  const { value } = select;
  // The browser would show the first one as chosen, which is not what is sent.
  const isThere = value === undefined || options.some((option) => option.value === value);
  return (
    <div className="flex min-w-0 flex-col gap-1.5">
      <label htmlFor={id} className="font-medium">
        {label}
      </label>
      <span className="relative flex">
        <select
          {...select}
          id={id}
          aria-describedby={hint === undefined ? undefined : `${id}-note`}
          className={`${BOX} appearance-none truncate pr-9`}
        >
          {!isThere && (
            <option value={value} disabled>
              —
            </option>
          )}
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
      {hint !== undefined && (
        <p id={`${id}-note`} className="text-muted text-sm">
          {hint}
        </p>
      )}
    </div>
  );
}
