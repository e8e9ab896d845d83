import type { Account } from '@/api/types';

/** Accounts that trade through an exchange's API, or as if: no terminal speaks for them. */
export function isVenue({ platform }: Pick<Account, 'platform'>): boolean {
  return platform === 'bingx' || platform === 'paper';
}
