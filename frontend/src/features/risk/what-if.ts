import type { AskWhatIf, CopySettings, RiskSummary } from '@/api/types';
import { isDecimal, multiply, sign, wholeSteps } from '@/lib/decimal';

/** How one account would copy the trade: as its settings say, or as typed. */
export interface Copying {
  /** Lots for each lot of the leader; empty where it is not known. */
  ratio: string;
  step: string;
  /** What a lot loses at the stop. */
  risk: string;
  /** What a lot is worth; empty where it is not known, which matters only where that is capped. */
  notional: string;
}

/** What the leader would trade. */
export interface Trade {
  /** Null: the largest that is possible is asked for. */
  lots: string | null;
  /** Ten lots of a micro contract count as one; without a name a lot is a lot. */
  symbol: string;
}

export const STEP = '0.01';
export const SAME: Omit<Copying, 'risk'> = { ratio: '1', step: STEP, notional: '' };
/** Positions of the slider. */
export const NOTCHES = 100;

const isAboveZero = (text: string): boolean => isDecimal(text) && sign(text) > 0;

/** Whether a field may be asked about. */
export function isGood(text: string): boolean {
  return isAboveZero(text);
}

/**
 * How an account copies, by the settings for each master that it follows. Sizes that depend on
 * balances, on the stop, or on which of several masters trades, cannot be said beforehand.
 */
export function copyingBy(settings: readonly CopySettings[]): Pick<Copying, 'ratio' | 'step'> {
  const [first, ...others] = settings.map(({ sizing }) =>
    sizing.mode === 'same' ? '1' : sizing.mode === 'multiplier' ? sizing.value : '',
  );
  const isOne = others.every((ratio) => ratio === first);
  return {
    ratio: isOne ? (first ?? '') : '',
    step: settings.length === 1 ? (settings[0]?.lot_step ?? STEP) : STEP,
  };
}

/** The question, once every account says what a lot may lose. */
export function questionOf(
  members: readonly RiskSummary[],
  copying: (member: RiskSummary) => Copying,
  { lots: leaderLots, symbol }: Trade,
): AskWhatIf | null {
  const accounts = members.map((member) => {
    const { ratio, step, risk, notional } = copying(member);
    return {
      account_id: member.account_id,
      ratio: ratio.trim(),
      step: step.trim(),
      risk_per_lot: risk.trim(),
      // A lot counts as its symbol says.
      weight: null,
      notional_per_lot: notional.trim() === '' ? null : notional.trim(),
    };
  });
  const isWhole = accounts.every(
    ({ ratio, step, risk_per_lot, notional_per_lot }) =>
      [ratio, step, risk_per_lot].every(isGood) &&
      (notional_per_lot === null || isGood(notional_per_lot)),
  );
  if (accounts.length === 0 || !isWhole) return null;
  const lots = leaderLots !== null && isGood(leaderLots) ? { leader_lots: leaderLots } : {};
  const named = symbol.trim() === '' ? {} : { symbol: symbol.trim().toUpperCase() };
  return { leader_step: STEP, ...lots, ...named, accounts };
}

/** Lots at a notch of the slider, which reaches a half beyond the largest that is possible. */
export function lotsAt(notch: number, most: string): string {
  const reach = multiply(sign(most) > 0 ? most : '1', '1.5');
  return wholeSteps(multiply(reach, (notch / NOTCHES).toFixed(2)), STEP);
}
