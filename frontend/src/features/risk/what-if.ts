import type { AskWhatIf, RiskSummary } from '@/api/types';
import { isDecimal, multiply, sign, wholeSteps } from '@/lib/decimal';

/** How one account would copy the trade, as typed. */
export interface Copying {
  ratio: string;
  step: string;
  /** What a lot loses at the stop. */
  risk: string;
}

/** A lot counts as one, and no account caps its notional. */
const NO_MORE = { weight: null, notional_per_lot: null };

export const STEP = '0.01';
export const FIRST: Copying = { ratio: '1', step: STEP, risk: '' };
/** Positions of the slider. */
export const NOTCHES = 100;

const isAboveZero = (text: string): boolean => isDecimal(text) && sign(text) > 0;

/** Whether a field may be asked about. */
export function isGood(text: string): boolean {
  return isAboveZero(text);
}

/** The question, once every account says what a lot may lose. */
export function questionOf(
  members: readonly RiskSummary[],
  copying: (accountId: string) => Copying,
  leaderLots: string | null,
): AskWhatIf | null {
  const accounts = members.map(({ account_id }) => {
    const { ratio, step, risk } = copying(account_id);
    return {
      account_id,
      ratio: ratio.trim(),
      step: step.trim(),
      risk_per_lot: risk.trim(),
      ...NO_MORE,
    };
  });
  const isWhole = accounts.every(
    ({ ratio, step, risk_per_lot }) => isGood(ratio) && isGood(step) && isGood(risk_per_lot),
  );
  if (accounts.length === 0 || !isWhole) return null;
  const lots = leaderLots !== null && isGood(leaderLots) ? { leader_lots: leaderLots } : {};
  return { leader_step: STEP, ...lots, accounts };
}

/** Lots at a notch of the slider, which reaches a half beyond the largest that is possible. */
export function lotsAt(notch: number, most: string): string {
  const reach = multiply(sign(most) > 0 ? most : '1', '1.5');
  return wholeSteps(multiply(reach, (notch / NOTCHES).toFixed(2)), STEP);
}
