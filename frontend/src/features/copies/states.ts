import {
  Ban,
  CircleCheck,
  CircleDashed,
  CircleDot,
  CircleQuestionMark,
  CircleX,
  Hourglass,
  type LucideIcon,
  Send,
  TriangleAlert,
} from 'lucide-react';
import type { CopyState, VenueOrderState } from '@/api/types';
import type { Tone } from '@/components/pill';

interface Look {
  tone: Tone;
  icon: LucideIcon;
}

/** How each state looks. Its word is in the texts. */
export const STATE_LOOKS: Record<CopyState, Look> = {
  planned: { tone: 'neutral', icon: CircleDashed },
  claimed: { tone: 'neutral', icon: Send },
  received: { tone: 'neutral', icon: CircleDot },
  open: { tone: 'safe', icon: CircleDot },
  unconfirmed: { tone: 'caution', icon: CircleQuestionMark },
  failed: { tone: 'critical', icon: CircleX },
  skipped: { tone: 'stale', icon: Ban },
  closing: { tone: 'neutral', icon: Hourglass },
  closed: { tone: 'neutral', icon: CircleCheck },
  attention: { tone: 'violated', icon: TriangleAlert },
};

/** The same of orders at an exchange. */
export const ORDER_LOOKS: Record<VenueOrderState, Look> = {
  intended: { tone: 'neutral', icon: Send },
  accepted: { tone: 'neutral', icon: CircleDot },
  unknown: { tone: 'caution', icon: CircleQuestionMark },
  filled: { tone: 'safe', icon: CircleCheck },
  refused: { tone: 'critical', icon: CircleX },
  dead: { tone: 'stale', icon: Ban },
};

/** Lists of copies. What needs a person is also open: there may be a position. */
export const COPY_GROUPS = {
  open: ['attention', 'unconfirmed', 'open', 'closing', 'received', 'claimed', 'planned'],
  closed: ['closed'],
  missed: ['skipped', 'failed'],
  attention: ['attention', 'unconfirmed'],
} as const satisfies Record<string, readonly CopyState[]>;

export type CopyGroup = keyof typeof COPY_GROUPS;
