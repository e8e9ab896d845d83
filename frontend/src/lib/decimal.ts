/** A decimal as an integer number of units of `10 ** -places`. */
interface Scaled {
  units: bigint;
  places: number;
}

/** Exact sum of two decimals in text, such as `"0.10"` and `"-2.5"`. */
export function add(left: string, right: string): string {
  const a = parse(left);
  const b = parse(right);
  const places = Math.max(a.places, b.places);
  return print({ units: raise(a, places) + raise(b, places), places });
}

/** -1, 0 or 1: below, at or above zero. */
export function sign(decimal: string): -1 | 0 | 1 {
  const { units } = parse(decimal);
  if (units === 0n) return 0;
  return units < 0n ? -1 : 1;
}

/** Number of decimals written, `"1.50"` has two. */
export function decimals(decimal: string): number {
  return parse(decimal).places;
}

function parse(decimal: string): Scaled {
  const match = /^([+-]?)(\d+)(?:\.(\d*))?$/.exec(decimal.trim());
  if (!match) throw new RangeError(`not a decimal: ${decimal}`);
  const [, minus = '', whole = '0', fraction = ''] = match;
  const units = BigInt(whole + fraction);
  return { units: minus === '-' ? -units : units, places: fraction.length };
}

function raise({ units, places }: Scaled, to: number): bigint {
  return units * 10n ** BigInt(to - places);
}

function print({ units, places }: Scaled): string {
  const digits = (units < 0n ? -units : units).toString().padStart(places + 1, '0');
  const whole = digits.slice(0, digits.length - places);
  const fraction = places > 0 ? `.${digits.slice(digits.length - places)}` : '';
  return `${units < 0n ? '-' : ''}${whole}${fraction}`;
}
