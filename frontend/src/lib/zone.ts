/** What a clock in a zone shows, as the fields of forms write it: `2026-11-20T14:30`. */
export function clockIn(zone: string, at: Date): string {
  return partsIn(zone, at).slice(0, 16);
}

/** The day that it is in a zone: `2026-11-20`. */
export function dayIn(zone: string, at: Date): string {
  return partsIn(zone, at).slice(0, 10);
}

/**
 * The moment at which a clock in a zone shows `local`, such as `2026-11-20T14:30`.
 * A time that a clock change skips is taken as if the clock had not been changed.
 */
export function momentOf(zone: string, local: string): Date | null {
  const wanted = Date.parse(`${local}Z`);
  if (Number.isNaN(wanted)) return null;
  // The offset before the guess may differ from the one at it: the second look decides.
  const guess = wanted - offsetAt(zone, wanted);
  const found = wanted - offsetAt(zone, guess);
  if (found + offsetAt(zone, found) === wanted) return new Date(found);
  // Skipped: the earlier of both looks was before the change.
  return new Date(wanted - offsetAt(zone, Math.min(guess, found)));
}

/** When a day begins in a zone. */
export function startOf(zone: string, day: string): Date | null {
  return momentOf(zone, `${day}T00:00`);
}

/** The day so many days later: days of a calendar, whatever the clocks do. */
export function daysAfter(day: string, count: number): string {
  const at = new Date(`${day}T00:00:00Z`);
  at.setUTCDate(at.getUTCDate() + count);
  return at.toISOString().slice(0, 10);
}

function offsetAt(zone: string, at: number): number {
  return Date.parse(`${partsIn(zone, new Date(at))}Z`) - Math.floor(at / 1000) * 1000;
}

function partsIn(zone: string, at: Date): string {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(at);
  const of = (type: Intl.DateTimeFormatPartTypes) =>
    parts.find((part) => part.type === type)?.value ?? '';
  return `${of('year').padStart(4, '0')}-${of('month')}-${of('day')}T${of('hour')}:${of('minute')}:${of('second')}`;
}
