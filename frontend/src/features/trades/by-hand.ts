import type { Trade } from '@/api/types';

/** Only what a person made may be altered or deleted; the rest can be annotated. */
export function isByHand({ source }: Trade): boolean {
  return source === 'manual' || source === 'import';
}
