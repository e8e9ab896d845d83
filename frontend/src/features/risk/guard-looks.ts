import { BellRing, CirclePause, type LucideIcon, OctagonX, ShieldOff } from 'lucide-react';
import type { Guard } from '@/api/types';

export type GuardAction = Guard['action'];
export type GuardChoice = GuardAction | 'off';

/** What a guard can do, the mildest first: each one includes those before it. */
export const CHOICES: readonly GuardChoice[] = ['off', 'notify', 'stop_new', 'close_all'];

export const GUARD_ICONS: Record<GuardChoice, LucideIcon> = {
  off: ShieldOff,
  notify: BellRing,
  stop_new: CirclePause,
  close_all: OctagonX,
};

/** From where on it can act. */
export const MARKS = ['caution', 'critical', 'violated'] as const;
export type Mark = (typeof MARKS)[number];

export const markOf = (guard: Guard | null | undefined): Mark =>
  MARKS.find((mark) => mark === guard?.status) ?? 'critical';
