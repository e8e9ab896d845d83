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

/** Exact product of two decimals in text, without zeros at its end. */
export function multiply(left: string, right: string): string {
  const a = parse(left);
  const b = parse(right);
  return print(short({ units: a.units * b.units, places: a.places + b.places }));
}

/**
 * Quotient of two decimals in text with at most `places` decimals, without zeros at
 * its end. What lies in the middle goes to the even neighbour, as on the server.
 */
export function divide(left: string, right: string, places: number): string {
  const a = parse(left);
  const b = parse(right);
  if (b.units === 0n) throw new RangeError('divided by zero');
  const shift = BigInt(places + b.places - a.places);
  const [over, under] =
    shift >= 0n ? [a.units * 10n ** shift, b.units] : [a.units, b.units * 10n ** -shift];
  return print(short({ units: roundedQuotient(over, under), places }));
}

/** A decimal in text with at most `places` decimals, rounded like {@link divide}. */
export const rounded = (decimal: string, places: number): string => divide(decimal, '1', places);

function roundedQuotient(over: bigint, under: bigint): bigint {
  const isBelowZero = over < 0n !== under < 0n;
  const [top, bottom] = [over < 0n ? -over : over, under < 0n ? -under : under];
  const whole = top / bottom;
  const twice = (top % bottom) * 2n;
  const isUp = twice > bottom || (twice === bottom && whole % 2n === 1n);
  const size = isUp ? whole + 1n : whole;
  return isBelowZero ? -size : size;
}

/** The largest whole number of steps that is not above `value`. Neither is below zero. */
export function wholeSteps(value: string, step: string): string {
  const a = parse(value);
  const b = parse(step);
  const places = Math.max(a.places, b.places);
  const size = raise(b, places);
  if (size <= 0n) throw new RangeError(`not a step: ${step}`);
  return print(short({ units: (raise(a, places) / size) * size, places }));
}

/** Below zero where `left` is the smaller one, zero where both are equal. */
export function compare(left: string, right: string): -1 | 0 | 1 {
  return sign(add(left, negated(right)));
}

/** The same below zero instead of above, and the other way round. */
export function negated(decimal: string): string {
  const { units, places } = parse(decimal);
  return print({ units: -units, places });
}

/** Whether a text is a decimal as everything here understands it. */
export function isDecimal(text: string): boolean {
  return DECIMAL.test(text.trim());
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

/** Decimals with which figures of one kind are written alike: those of the longest. They travel without zeros at their end. */
export function mostDecimals(...figures: (string | null | undefined)[]): number {
  return Math.max(0, ...figures.map((figure) => (figure ? decimals(figure) : 0)));
}

const DECIMAL = /^([+-]?)(\d+)(?:\.(\d*))?$/;

function parse(decimal: string): Scaled {
  const match = DECIMAL.exec(decimal.trim());
  if (!match) throw new RangeError(`not a decimal: ${decimal}`);
  const [, minus = '', whole = '0', fraction = ''] = match;
  const units = BigInt(whole + fraction);
  return { units: minus === '-' ? -units : units, places: fraction.length };
}

function short({ units, places }: Scaled): Scaled {
  let [rest, left] = [units, places];
  while (left > 0 && rest % 10n === 0n) [rest, left] = [rest / 10n, left - 1];
  return { units: rest, places: left };
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
