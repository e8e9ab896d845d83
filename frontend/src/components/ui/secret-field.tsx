import { Eye, EyeOff } from 'lucide-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { IconButton } from './button';
import { CopyButton } from './copy-button';

interface SecretFieldProps {
  label: string;
  secret: string;
  hint?: string;
  /** Readable from the start: shown this once. */
  isShown?: boolean;
}

/** A secret that can be read and copied, masked until asked for. */
export function SecretField({
  label,
  secret,
  hint,
  isShown: startsShown = false,
}: SecretFieldProps) {
  const t = useTranslations('common');
  const [isShown, setShown] = useState(startsShown);
  return (
    <div className="flex min-w-0 flex-col gap-1.5">
      <span className="font-medium">{label}</span>
      <div className="flex min-w-0 items-center rounded-card border border-line bg-surface-2 pl-3">
        <output
          aria-label={label}
          className="min-w-0 flex-1 py-2 font-mono text-sm [overflow-wrap:anywhere]"
        >
          {isShown ? secret : masked(secret)}
        </output>
        <IconButton
          icon={isShown ? EyeOff : Eye}
          label={t(isShown ? 'hideNamed' : 'showNamed', { what: label })}
          onClick={() => setShown(!isShown)}
        />
        <CopyButton text={secret} what={label} />
      </div>
      {hint !== undefined && <span className="text-muted text-sm">{hint}</span>}
    </div>
  );
}

/** The kind of secret stays readable: `MST-••••••••`. */
function masked(secret: string): string {
  const prefix = /^(sk_live_|MST-|flt_)/.exec(secret)?.[0] ?? '';
  return `${prefix}${'•'.repeat(12)}`;
}
