import { Ban, CircleCheck, CirclePause, Hourglass, LogOut, type LucideIcon } from 'lucide-react';
import type { Subscription } from '@/api/types';

/** How each state of a subscription looks. Its word is in the texts. */
export const STATE_ICONS: Record<Subscription['state'], LucideIcon> = {
  pending: Hourglass,
  active: CircleCheck,
  close_only: LogOut,
  paused: CirclePause,
  ended: Ban,
};
