/** Where most servers of brokers take their time from. */
const SERVERS = 'America/New_York';
const WEEK_MS = 7 * 86_400_000;

/** Minutes by which the clocks of a zone are ahead of the world's. */
function offsetAt(timeZone: string, at: string | number): number {
  const format = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' });
  const parts = format.formatToParts(new Date(at));
  const name = parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
  const [, mark, hours, minutes] = /([+-])(\d\d):(\d\d)/.exec(name) ?? [];
  const ahead = Number(hours ?? 0) * 60 + Number(minutes ?? 0);
  return mark === '-' ? -ahead : ahead;
}

/** Whether the clocks of a zone are put forward or back between two moments. */
export function clocksChange(
  timeZone: string,
  from: string | number,
  to: string | number,
): boolean {
  return offsetAt(timeZone, from) !== offsetAt(timeZone, to);
}

/**
 * Whether a zone and the servers are an unusual time apart: one of them has changed its clocks
 * and the other one not yet.
 */
function isOddWeek(timeZone: string, at: string | number): boolean {
  const apart = (then: string | number) => offsetAt(timeZone, then) - offsetAt(SERVERS, then);
  const year = new Date(at).getUTCFullYear();
  const usual = [Date.UTC(year, 0, 15), Date.UTC(year, 6, 15)].map(apart);
  return !usual.includes(apart(at));
}

/** What is to be known of clocks before a day ends: they change before that, are apart, or will be. */
export function clockNews(
  timeZone: string,
  now: string,
  resetAt: string,
): 'change' | 'odd' | 'ahead' | null {
  if (clocksChange(timeZone, now, resetAt)) return 'change';
  if (isOddWeek(timeZone, now)) return 'odd';
  const soon = Date.parse(now) + WEEK_MS;
  return clocksChange(timeZone, now, soon) || isOddWeek(timeZone, soon) ? 'ahead' : null;
}
