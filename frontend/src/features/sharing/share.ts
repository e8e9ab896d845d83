import type { CreateShare, ShareSection } from '@/api/types';
import { isDay } from '@/lib/day';
import { daysAfter, startOf } from '@/lib/zone';

export const SECTIONS = [
  'statistics',
  'curve',
  'trades',
  'positions',
] as const satisfies ShareSection[];

/** How long a link may work, in days. */
export const LIVES = [1, 7, 30, 90, 365];
/** What may be held back, in minutes. */
export const DELAYS = [0, 15, 60, 1_440, 10_080];

/** What is chosen for a link. Days are those of a calendar, both included; empty: no limit. */
export interface Chosen {
  name: string;
  accounts: ReadonlySet<string>;
  from: string;
  to: string;
  sections: ReadonlySet<ShareSection>;
  days: number;
  delay: number;
  currency: string | undefined;
  isMoney: boolean;
  isNamed: boolean;
}

/** Nothing that could be traded on, and no money, unless it is ticked. */
export const USUAL: Chosen = {
  name: '',
  accounts: new Set(),
  from: '',
  to: '',
  sections: new Set<ShareSection>(['statistics', 'curve']),
  days: 30,
  delay: 60,
  currency: undefined,
  isMoney: false,
  isNamed: false,
};

type Fault = 'required' | 'before_from';

/** What is wrong with what was chosen, by field; nothing where it can be sent. */
export function faultsOf({ name, from, to, sections }: Chosen): {
  name?: Fault;
  to?: Fault;
  sections?: Fault;
} {
  return {
    ...(name.trim() === '' && { name: 'required' }),
    ...(isDay(from) && isDay(to) && to < from && { to: 'before_from' }),
    ...(sections.size === 0 && { sections: 'required' }),
  };
}

/** What is sent for it, by the clock of a zone. */
export function shareOf(chosen: Chosen, zone: string): CreateShare {
  const { accounts, currency, from, to } = chosen;
  const begin = isDay(from) ? startOf(zone, from) : null;
  const end = isDay(to) ? startOf(zone, daysAfter(to, 1)) : null;
  return {
    name: chosen.name.trim(),
    ...(accounts.size > 0 && { account_ids: [...accounts] }),
    ...(begin && { from: begin.toISOString() }),
    ...(end && { to: end.toISOString() }),
    sections: SECTIONS.filter((section) => chosen.sections.has(section)),
    shows_money: chosen.isMoney,
    shows_names: chosen.isNamed,
    ...(currency !== undefined && { currency }),
    delay_minutes: chosen.delay,
    expires_in_days: chosen.days,
  };
}

/** Where a link leads. */
export const addressOf = (token: string): string => `${location.origin}/shared/${token}`;
