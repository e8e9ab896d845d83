import type { CopyState, ReasonCode } from '@/api/types';
import { en } from '@/lib/i18n/en';

/** Whether a word from outside is a state of copies. */
export function isState(word: unknown): word is CopyState {
  return typeof word === 'string' && Object.hasOwn(en.copies.states, word);
}

/** Whether a word from outside is a reason that has a sentence. */
export function isReason(word: unknown): word is ReasonCode {
  return typeof word === 'string' && Object.hasOwn(en.copies.reasons, word);
}

/** Every state. */
export const STATES: readonly CopyState[] = Object.keys(en.copies.states).filter(isState);

type NamedReason = ReasonCode & keyof typeof en.reasonNames;

/** Reasons to choose from, those of copies that were not made first. */
export const REASONS: readonly NamedReason[] = Object.keys(en.reasonNames).filter(
  (word): word is NamedReason => isReason(word),
);
