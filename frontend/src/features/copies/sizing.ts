import type { CopySettings } from '@/api/types';
import { compare, multiply, sign, wholeSteps } from '@/lib/decimal';

/** What a size is computed from, as far as a screen knows it. */
export interface SizingRule {
  mode: CopySettings['sizing']['mode'];
  value: string;
  min: string | null;
  max: string | null;
  step: string | null;
}

/** How a size came about. */
export interface Size {
  /** As the mode says, before any limit. */
  wanted: string;
  /** What is opened; null where nothing is. */
  lots: string | null;
  isCapped: boolean;
  isRounded: boolean;
  isTooSmall: boolean;
}

export function ruleOf({ sizing, min_lots, max_lots, lot_step }: CopySettings): SizingRule {
  return {
    ...sizing,
    min: min_lots ?? null,
    max: max_lots ?? null,
    step: lot_step ?? null,
  };
}

/**
 * The size of a copy, for the modes that need no figures of the accounts; null
 * for the others. The server decides; this explains its rule: by mode, capped
 * at the largest, rounded down to the step, compared with the smallest.
 */
export function sized(rule: SizingRule, masterLots: string): Size | null {
  const wanted = wantedBy(rule, masterLots);
  if (wanted === null) return null;
  const isCapped = rule.max !== null && compare(wanted, rule.max) > 0;
  const capped = isCapped && rule.max !== null ? rule.max : wanted;
  const stepped = rule.step === null ? capped : wholeSteps(capped, rule.step);
  const isTooSmall = sign(stepped) === 0 || (rule.min !== null && compare(stepped, rule.min) < 0);
  return {
    wanted,
    lots: isTooSmall ? null : stepped,
    isCapped,
    isRounded: compare(stepped, capped) !== 0,
    isTooSmall,
  };
}

function wantedBy({ mode, value }: SizingRule, masterLots: string): string | null {
  if (mode === 'same') return masterLots;
  if (mode === 'multiplier') return multiply(masterLots, value);
  return mode === 'fixed' ? value : null;
}
