/** Where zero stands on a bar: what is left of it is beyond the line. */
export const ZERO = 0.14;

/** Place on the bar, 0 to 1, of a share of the limit in percent. A pixel needs no decimal. */
export function placeOf(percent: string): number {
  const place = ZERO + (Number(percent) / 100) * (1 - ZERO);
  return Math.min(1, Math.max(0, place));
}

/** From where to where a bar is drawn: from zero to the right, or to the left where the line is crossed. */
export function spanOf(percent: string): { from: number; to: number } {
  const place = placeOf(percent);
  return place < ZERO ? { from: place, to: ZERO } : { from: ZERO, to: place };
}
