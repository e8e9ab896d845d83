import type { Account } from '@/api/types';
import { add, negated } from '@/lib/decimal';

/** What the accounts of one currency hold together. */
export interface Sums {
  currency: string;
  accounts: number;
  online: number;
  /** Null while none of them has reported one. */
  balance: string | null;
  equity: string | null;
  /** What open positions would bring, of the accounts that report both. */
  floating: string | null;
  /** Accounts that have reported no equity. */
  silent: number;
}

type Reported = Pick<Account, 'currency' | 'balance' | 'equity' | 'online'>;

/** Accounts summed up by currency; amounts of two currencies are never added up. */
export function sumsOf(accounts: readonly Reported[]): Sums[] {
  const currencies = [...new Set(accounts.map(({ currency }) => currency))];
  return currencies.map((currency) => {
    const own = accounts.filter((account) => account.currency === currency);
    return {
      currency,
      accounts: own.length,
      online: own.filter(({ online }) => online).length,
      balance: sum(own.map(({ balance }) => balance)),
      equity: sum(own.map(({ equity }) => equity)),
      floating: sum(own.map(floatingOf)),
      silent: own.filter(({ equity }) => !equity).length,
    };
  });
}

/** What an account's open positions would bring now. */
export function floatingOf({ balance, equity }: Pick<Account, 'balance' | 'equity'>) {
  return balance && equity ? add(equity, negated(balance)) : null;
}

/** Of what is known; null where nothing is. */
function sum(amounts: readonly (string | null | undefined)[]): string | null {
  const known = amounts.flatMap((amount) => amount ?? []);
  return known.length === 0 ? null : known.reduce(add, '0');
}
