import { BellRing, CirclePause, type LucideIcon, OctagonX, ShieldOff } from 'lucide-react';
import type { Guard, RiskStatus, RiskSummary } from '@/api/types';

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

/** Where a guarded account stands now. */
export interface Guarded {
  name: string;
  /** Of the account and of each of its limits that is known. */
  statuses: readonly RiskStatus[];
}

/** An account of a group, as a guard sees it. */
export function guardedOf(member: RiskSummary): Guarded {
  const { account_name: name, status, weakest, daily, total } = member;
  return {
    name,
    statuses: [status, ...[weakest, daily, total].flatMap((room) => room?.status ?? [])],
  };
}

/** The worst of what is known of an account, if a guard can act on it at all. */
export function standingOf({ statuses }: Guarded): Mark | undefined {
  return MARKS.findLast((mark) => statuses.includes(mark));
}

/** Those on which a guard would act as soon as it is saved. */
export function standingAt(guarded: readonly Guarded[], mark: Mark): Guarded[] {
  const from = MARKS.indexOf(mark);
  return guarded.filter((each) => {
    const standing = standingOf(each);
    return standing !== undefined && MARKS.indexOf(standing) >= from;
  });
}

/** Those that nobody can judge now. */
export function blindOf(guarded: readonly Guarded[]): Guarded[] {
  return guarded.filter(({ statuses: [own] }) => own === 'stale' || own === 'unknown');
}
