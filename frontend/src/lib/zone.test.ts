import { expect, test } from 'vitest';
import { isDay } from './day';
import { clockIn, dayIn, daysAfter, momentOf, startOf } from './zone';

test('a clock of a zone is written and read back', () => {
  const at = new Date('2026-11-20T12:30:00Z');
  expect(clockIn('Asia/Bangkok', at)).toBe('2026-11-20T19:30');
  expect(momentOf('Asia/Bangkok', '2026-11-20T19:30')).toEqual(at);
  expect(dayIn('Asia/Bangkok', new Date('2026-11-20T18:00:00Z'))).toBe('2026-11-21');
});

test('days begin at the midnight of the zone, also where clocks change', () => {
  expect(startOf('America/New_York', '2026-11-01')?.toISOString()).toBe('2026-11-01T04:00:00.000Z');
  expect(startOf('America/New_York', '2026-11-02')?.toISOString()).toBe('2026-11-02T05:00:00.000Z');
  expect(startOf('Europe/Berlin', '2026-03-29')?.toISOString()).toBe('2026-03-28T23:00:00.000Z');
  expect(startOf('Europe/Berlin', '2026-03-30')?.toISOString()).toBe('2026-03-29T22:00:00.000Z');
});

test('days are counted by the calendar', () => {
  expect(daysAfter('2026-02-28', 1)).toBe('2026-03-01');
  expect(daysAfter('2026-01-01', -1)).toBe('2025-12-31');
});

test('only days that exist are days', () => {
  expect(isDay('2026-02-28')).toBe(true);
  expect(isDay('2026-02-30')).toBe(false);
  expect(isDay('yesterday')).toBe(false);
});
