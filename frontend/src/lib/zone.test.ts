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

test('a day whose midnight is skipped begins after it, on either side of Greenwich', () => {
  const begins = (zone: string, day: string) => startOf(zone, day)?.toISOString();
  expect(begins('America/Santiago', '2026-09-06')).toBe('2026-09-06T04:00:00.000Z');
  expect(begins('America/Havana', '2026-03-08')).toBe('2026-03-08T05:00:00.000Z');
  expect(begins('Atlantic/Azores', '2026-03-29')).toBe('2026-03-29T01:00:00.000Z');
  expect(begins('Africa/Cairo', '2026-04-24')).toBe('2026-04-23T22:00:00.000Z');
  expect(momentOf('Europe/Berlin', '2026-03-29T02:30')?.toISOString()).toBe(
    '2026-03-29T01:30:00.000Z',
  );
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
