import type { CopyState, ReasonCode } from '@/api/types';

// The compiler demands every word here. Texts have the same keys, and come later than the first address is read.

const ALL_STATES: Record<CopyState, true> = {
  planned: true,
  claimed: true,
  received: true,
  open: true,
  unconfirmed: true,
  failed: true,
  skipped: true,
  closing: true,
  closed: true,
  attention: true,
};

/** Those of copies that were not made come first. */
const ALL_REASONS: Record<ReasonCode, true> = {
  offline: true,
  stale: true,
  reconciling: true,
  paused: true,
  unfollowed: true,
  close_only: true,
  side_filtered: true,
  symbol_filtered: true,
  symbol_invalid: true,
  max_open_copies: true,
  no_figures: true,
  no_stop: true,
  stopped: true,
  group_stopped: true,
  guard_stopped: true,
  guard_blind: true,
  limit: true,
  symbol_unknown: true,
  contract_closed: true,
  units_unknown: true,
  price_unknown: true,
  price_moved: true,
  leverage: true,
  trading_off: true,
  opposite_side: true,
  master_closed: true,
  refused: true,
  not_opened: true,
  left_alone: true,
  silent: true,
  session_lost: true,
  unclear_answer: true,
  late_evidence: true,
  second_position: true,
  ambiguous: true,
  no_baseline: true,
  owner_decides: true,
  inferred: true,
  absent: true,
  closed_externally: true,
  close_refused: true,
  stop_out: true,
};

/** Whether a word from outside is a state of copies. */
export function isState(word: unknown): word is CopyState {
  return typeof word === 'string' && Object.hasOwn(ALL_STATES, word);
}

/** Whether a word from outside is a reason. */
export function isReason(word: unknown): word is ReasonCode {
  return typeof word === 'string' && Object.hasOwn(ALL_REASONS, word);
}

/** Every state. */
export const STATES: readonly CopyState[] = Object.keys(ALL_STATES).filter(isState);

/** Every reason, to choose from. */
export const REASONS: readonly ReasonCode[] = Object.keys(ALL_REASONS).filter(isReason);
