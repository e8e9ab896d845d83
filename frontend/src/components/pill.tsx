import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';

const TONES = {
  neutral: 'border-line text-muted',
  accent: 'border-transparent bg-accent-soft text-accent',
  safe: 'border-line text-safe',
  caution: 'border-caution/40 text-caution',
  critical: 'border-critical/50 text-critical',
  violated: 'border-transparent bg-violated text-on-fill',
  stale: 'border-stale/40 text-stale',
} as const;

export type Tone = keyof typeof TONES;

/** A state or kind: icon, word and colour together. */
export function Pill({
  tone,
  icon: Icon,
  children,
}: {
  tone: Tone;
  icon?: LucideIcon;
  children: ReactNode;
}) {
  return (
    <span
      className={`inline-flex h-6 items-center gap-1.5 whitespace-nowrap rounded-full border px-2 font-medium text-xs ${TONES[tone]}`}
    >
      {Icon && <Icon aria-hidden size={14} />}
      {children}
    </span>
  );
}
