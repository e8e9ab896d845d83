import type { Trade } from '@/api/types';
import { add, divide, multiply, negated, rounded, sign } from '@/lib/decimal';

// What a trade brought, by the server's definition (`backend/domain/src/trade/profit.rs`):
// both are held to `backend/domain/tests/trade/profit_vectors.json`.

type AssetType = Trade['asset_type'];
type Direction = Trade['direction'];

export interface Terms {
  symbol: string;
  direction: Direction;
  asset_type: AssetType;
  quantity: string;
  /** Units per one of `quantity`. */
  multiplier: string;
  entry: string;
  exit: string;
  fees: string;
  swap: string;
  /** Of the account. */
  currency: string;
}

/** Result in the account's currency after fees and swap. Null where the rate is not known. */
export function netProfit(terms: Terms): string | null {
  const { direction, entry, exit, quantity } = terms;
  return netOf(multiply(gain(direction, entry, exit), quantity), terms);
}

/**
 * As {@link netProfit}, of what exits brought in price times quantity: average prices of
 * many fills are rounded, that is not.
 */
export function netOf(
  realised: string,
  terms: Omit<Terms, 'direction' | 'entry' | 'quantity'>,
): string | null {
  const { multiplier, fees, swap } = terms;
  const converted = inAccountCurrency(multiply(realised, multiplier), terms);
  if (converted === null) return null;
  return rounded(add(add(converted, negated(fees)), swap), 8);
}

/** How many times what was risked: the way to the exit over the way to the stop, before fees. */
export function rMultiple(
  terms: Pick<Terms, 'direction' | 'entry' | 'exit'> & { stop: string },
): string | null {
  const { direction, entry, exit, stop } = terms;
  const atRisk = gain(direction, stop, entry);
  if (sign(atRisk) <= 0) return null;
  return divide(gain(direction, entry, exit), atRisk, 4);
}

/** What one unit brings between two prices. */
export function gain(direction: Direction, from: string, to: string): string {
  return direction === 'LONG' ? add(to, negated(from)) : add(from, negated(to));
}

function inAccountCurrency(
  amount: string,
  terms: Pick<Terms, 'asset_type' | 'symbol' | 'currency' | 'exit'>,
): string | null {
  const { asset_type, symbol, currency, exit } = terms;
  if (asset_type !== 'forex' && asset_type !== 'cfd') return amount;
  const pair = pairOf(symbol);
  if (pair === null || pair.quoted === currency) return amount;
  if (pair.base !== currency || sign(exit) === 0) return null;
  return divide(amount, exit, 20);
}

const QUOTED =
  'AUD BRL CAD CHF CLP CNH CNY COP CZK DKK EUR GBP HKD HUF IDR ILS INR JPY KRW MXN MYR NOK NZD PHP PLN RON RUB SEK SGD THB TRY TWD USD ZAR'.split(
    ' ',
  );
/** Metals and coins only stand first. */
const TRADED = 'XAU XAG XPT XPD BTC ETH LTC XRP BCH'.split(' ');

/**
 * What is traded and what it is paid in, where the name tells, with a mark between them or none.
 * In lower case nothing but a mark tells what a broker appends.
 */
function pairOf(symbol: string): { base: string; quoted: string } | null {
  const rest = symbol.slice(3).replace(/^[/._-]/, '');
  const [base, quoted] = [symbol.slice(0, 3).toUpperCase(), rest.slice(0, 3).toUpperCase()];
  const isSmall = /[a-z]/.test(symbol.slice(0, 3) + rest.slice(0, 3));
  const goesOn = (isSmall ? /^[A-Za-z0-9]/ : /^[A-Z0-9]/).test(rest.slice(3));
  const isPair = (QUOTED.includes(base) || TRADED.includes(base)) && QUOTED.includes(quoted);
  return isPair && base !== quoted && !goesOn ? { base, quoted } : null;
}

/** What one whole point of a future is worth, by the root of its name. */
const FUTURES: Record<string, string> = {
  ES: '50',
  MES: '5',
  NQ: '20',
  MNQ: '2',
  YM: '5',
  MYM: '0.5',
  RTY: '50',
  M2K: '5',
  CL: '1000',
  QM: '500',
  MCL: '100',
  NG: '10000',
  GC: '100',
  MGC: '10',
  SI: '5000',
  SIL: '1000',
  HG: '25000',
  PL: '50',
  '6E': '125000',
  M6E: '12500',
  '6B': '62500',
  '6J': '12500000',
  '6A': '100000',
  '6C': '100000',
  ZB: '1000',
  ZN: '1000',
  ZF: '1000',
  ZC: '50',
  ZS: '50',
  ZW: '50',
};

/**
 * Units per one of the quantity where nobody says better. Null for futures that are not known,
 * and for what is called forex and is neither currency nor metal.
 */
export function usualMultiplier(asset: AssetType, symbol: string): string | null {
  switch (asset) {
    case 'stock':
    case 'crypto':
    case 'cfd':
      return '1';
    case 'option':
      return '100';
    case 'forex':
      return lotOf(symbol);
    case 'future':
      return FUTURES[rootOf(symbol)] ?? null;
  }
}

/** Of currencies, and of gold and silver by the ounce. Of coins and indices each broker has its own. */
function lotOf(symbol: string): string | null {
  const base = pairOf(symbol)?.base;
  if (base === undefined) return null;
  if (base === 'XAU') return '100';
  if (base === 'XAG') return '5000';
  return QUOTED.includes(base) ? '100000' : null;
}

/** `MNQZ6`, `MNQZ26` and `MNQ` are all of root `MNQ`. */
function rootOf(symbol: string): string {
  const name = symbol.replace(/^\/+/, '');
  return /^(.+)[FGHJKMNQUVXZ]\d{1,2}$/.exec(name)?.[1] ?? name;
}

/** The kind that a symbol most likely is, to begin with. */
export function likelyAsset(symbol: string): AssetType | null {
  const pair = pairOf(symbol);
  // Metals and coins are traded as contracts for difference and otherwise too.
  if (pair) return QUOTED.includes(pair.base) ? 'forex' : null;
  if (/(USDT|USDC|BUSD)(\.|$)/.test(symbol)) return 'crypto';
  return FUTURES[rootOf(symbol)] === undefined ? null : 'future';
}
