import type { BeginPhase, RiskRule, Sizing } from '@/api/types';
import { multiply } from '@/lib/decimal';

type Tolerance = 'aggressive' | 'balanced' | 'optimal' | 'conservative';

/** What an account of a usual kind begins with: its money, its rules, and the size of its copies. */
export interface AccountPreset {
  /** The same in every language. */
  name: string;
  starting_balance: string;
  capital_level: string;
  risk_tolerance: Tolerance;
  rules: RiskRule[];
  /** Offered when it begins to follow. */
  sizing: Sizing;
}

/**
 * The loosest of them has what every new account is offered (`RiskDefaults` of the
 * server's domain): two positions at once, 2 % per trade, 5 % a day and 15 % in all, of
 * the starting balance. The others have a share of each percentage, so that with more
 * money less of it is risked. The positions stay two: together they risk four fifths of
 * what a day may lose, whatever the share.
 */
const POSITIONS = '2';
const PER_TRADE = '2';
const PER_DAY = '5';
const IN_ALL = '15';

/** How long a position may be without a stop, in seconds; as in the defaults. */
const GRACE_S = 300;

export const ACCOUNT_PRESETS: readonly AccountPreset[] = [
  preset('Aggressive-25K', 'aggressive', '25000', '1'),
  preset('Balanced-50K', 'balanced', '50000', '0.75'),
  preset('Optimal-100K', 'optimal', '100000', '0.5'),
  preset('Conservative-250K', 'conservative', '250000', '0.25'),
];

function preset(
  name: string,
  risk_tolerance: Tolerance,
  starting_balance: string,
  share: string,
): AccountPreset {
  const limit = (percent: string) =>
    ({ type: 'percent', value: multiply(percent, share), of: 'initial' }) as const;
  return {
    name,
    starting_balance,
    capital_level: name.replace(/^.*-/, ''),
    risk_tolerance,
    // A trade that is too large, or a lost day, pauses until the next day; the whole loss ends the phase.
    rules: [
      { id: 'positions', kind: 'max_open_positions', severity: 'soft', cap: POSITIONS },
      {
        id: 'risk_per_trade',
        kind: 'max_risk_per_trade',
        severity: 'soft',
        limit: limit(PER_TRADE),
        grace_s: GRACE_S,
        no_stop: 'violate',
      },
      {
        id: 'daily',
        kind: 'max_daily_loss',
        severity: 'soft',
        limit: limit(PER_DAY),
        reference: 'max',
      },
      { id: 'total', kind: 'max_total_loss', severity: 'hard', limit: limit(IN_ALL) },
    ],
    // Half of what a trade may risk: slippage and rounding stay within the rule.
    sizing: { mode: 'risk_percent', value: multiply(multiply(PER_TRADE, share), '0.005') },
  };
}

export function presetNamed(name: string): AccountPreset | undefined {
  return ACCOUNT_PRESETS.find((each) => each.name === name);
}

/** What is written as the first phase of an account that begins with a preset. */
export function firstPhase(
  { rules }: AccountPreset,
  { starting_balance, currency }: { starting_balance: string; currency: string },
): BeginPhase {
  return { rules, starting_balance, currency };
}
