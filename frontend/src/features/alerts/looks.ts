import { CircleAlert, Info, type LucideIcon, TriangleAlert } from 'lucide-react';
import type { AlertKind, Severity } from '@/api/types';

interface Look {
  icon: LucideIcon;
  className: string;
}

/** How soon to look, as icon and colour; the word is in the texts. */
export const SEVERITY_LOOKS: Record<Severity, Look> = {
  info: { icon: Info, className: 'text-accent' },
  warning: { icon: TriangleAlert, className: 'text-caution' },
  critical: { icon: CircleAlert, className: 'text-negative' },
};

/** Alerts about the user himself, not about an account. */
export const ABOUT_THE_USER: readonly AlertKind[] = ['new_device', 'refresh_reuse'];
