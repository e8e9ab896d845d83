import { isDay } from '@/lib/day';
import { decimals, isDecimal, sign } from '@/lib/decimal';

export const RATE_FIELDS = ['currency', 'base_currency', 'day', 'rate'] as const;
export type RateField = (typeof RATE_FIELDS)[number];
export type Typed = Record<RateField, string>;

/** Codes of what is wrong, as the server has them. */
type Fault =
  | 'invalid_currency'
  | 'is_base'
  | 'required'
  | 'not_a_number'
  | 'not_positive'
  | 'to_12_decimals';

const MOST_DECIMALS = 12;

/** What is sent for it. */
export function placeOf({ currency, base_currency: base, day, rate }: Typed) {
  return { currency: name(currency), base_currency: name(base), day, rate: rate.trim() };
}

/** What is wrong with what was typed, by field; nothing where it can be sent. */
export function faultsOf(typed: Typed): Partial<Record<RateField, Fault>> {
  const { currency, base_currency: base, day, rate } = placeOf(typed);
  const ofRate = faultOfRate(rate);
  return {
    ...(!isCurrency(currency) && { currency: 'invalid_currency' }),
    ...(!isCurrency(base)
      ? { base_currency: 'invalid_currency' }
      : base === currency && { base_currency: 'is_base' }),
    ...(!isDay(day) && { day: 'required' }),
    ...(ofRate && { rate: ofRate }),
  };
}

function faultOfRate(rate: string): Fault | undefined {
  if (!isDecimal(rate)) return 'not_a_number';
  if (sign(rate) <= 0) return 'not_positive';
  return decimals(rate) > MOST_DECIMALS ? 'to_12_decimals' : undefined;
}

const name = (text: string): string => text.trim().toUpperCase();
const isCurrency = (text: string): boolean => /^[A-Z0-9]{2,10}$/.test(text);
