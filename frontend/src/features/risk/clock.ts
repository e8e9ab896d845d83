/** Whether the clocks of a zone are put forward or back between two moments. */
export function clocksChange(timeZone: string, from: string, to: string): boolean {
  const offset = (at: string): string => {
    const format = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' });
    const parts = format.formatToParts(new Date(at));
    return parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
  };
  return offset(from) !== offset(to);
}
