import {
  Ban,
  CircleCheck,
  CircleQuestionMark,
  ClockAlert,
  Flame,
  Hand,
  type LucideIcon,
  TriangleAlert,
} from 'lucide-react';
import type { RiskRoom, RiskRule, RiskStatus, RuleKind, RuleRisk } from '@/api/types';
import type { Tone } from '@/components/pill';

interface Look {
  tone: Tone;
  icon: LucideIcon;
  /** Of a bar; with the icon and the word beside it. */
  bar: string;
  text: string;
}

/** How a status looks. Never the colour alone: its icon and its word stand with it. */
export const LOOKS: Record<RiskStatus, Look> = {
  empty: { tone: 'neutral', icon: Ban, bar: 'bg-edge', text: 'text-muted' },
  safe: { tone: 'safe', icon: CircleCheck, bar: 'bg-safe', text: 'text-safe' },
  caution: { tone: 'caution', icon: TriangleAlert, bar: 'bg-caution', text: 'text-caution' },
  critical: { tone: 'critical', icon: Flame, bar: 'bg-critical', text: 'text-critical' },
  violated: { tone: 'violated', icon: Hand, bar: 'bg-violated', text: 'text-negative' },
  stale: { tone: 'stale', icon: ClockAlert, bar: 'bg-stale', text: 'text-stale' },
  unknown: { tone: 'stale', icon: CircleQuestionMark, bar: 'bg-stale', text: 'text-stale' },
};

/** Worst first. */
export const WORST_FIRST: readonly RiskStatus[] = [
  'violated',
  'critical',
  'stale',
  'unknown',
  'caution',
  'safe',
];

/** No answer is called safe for longer than this: another one is asked for twice as often. */
export const TRUSTED_S = 60;

/** What may be shown of a status whose figures nobody renews: what was crossed stays crossed, the rest is old. */
export function shownStatus(status: RiskStatus, isOutdated: boolean): RiskStatus {
  if (!isOutdated || status === 'violated' || status === 'unknown' || status === 'empty') {
    return status;
  }
  return 'stale';
}

const COUNTED: Partial<Record<RuleKind, 'positions' | 'lots' | 'trades'>> = {
  max_open_positions: 'positions',
  max_lots: 'lots',
  daily_trade_count: 'trades',
};

/** Whether marks of limits on numbers of things are its own, rather than those of limits in money. */
export const isCounted = (kind: RuleKind): boolean => COUNTED[kind] !== undefined;

/** What a rule counts in: a cap on the value of what is open is money, though one on its size is not. */
export function unitOfRule({ kind, metric }: Pick<RiskRule, 'kind' | 'metric'>): RuleRisk['unit'] {
  return metric === 'notional' ? 'money' : (COUNTED[kind] ?? 'money');
}

/** The same of what the server told in short: of a number of things, the kind says which. */
export function unitOf({ kind, unit }: Pick<RiskRoom, 'kind' | 'unit'>): RuleRisk['unit'] {
  if (unit !== 'count') return unit;
  return kind === 'daily_trade_count' ? 'trades' : 'positions';
}
