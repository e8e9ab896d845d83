import { expect, test } from 'vitest';
import { monthsAfter, strength, weeksOf } from '@/lib/calendar';
import { byMonth, drawable, withFalls } from './curve';
import { chosenAccounts, isAnybody, statsFilterOf } from './filter';
import { byLevel } from './levels';
import { readCalendarSearch, readCompareSearch, readStatsSearch } from './search';

function point(value: string, low = value, high = value, at = '2026-11-02T10:00:00Z') {
  return { at, value, low, high, of_start: null };
}

test('falls are counted from the peak before, and thinning hides none', () => {
  const curve = [point('110'), point('105', '90', '110'), point('130'), point('120')];
  expect(withFalls(curve, '100').map(({ fall }) => fall)).toEqual(['0', '-20', '0', '-10']);
});

test('a curve that only falls falls from its start', () => {
  expect(withFalls([point('90')], '100')[0]?.fall).toBe('-10');
});

test('months add up to years, the newest first, exactly', () => {
  const day = (date: string, pnl: string) => ({ date, pnl, trades: 1 });
  const [first, second] = byMonth([
    day('2025-12-31', '-5'),
    day('2026-01-02', '0.1'),
    day('2026-01-30', '0.2'),
    day('2026-03-01', '-1'),
  ]);
  expect(first).toEqual({
    year: '2026',
    months: ['0.3', null, '-1', ...Array(9).fill(null)],
    total: '-0.7',
  });
  expect(second?.total).toBe('-5');
});

test('a chart has one point per second, in order', () => {
  const at = '2026-11-02T10:00:00.200Z';
  expect(drawable([point('1', '1', '1', at), point('2', '2', '2', at)])).toEqual([
    { time: 1_793_613_600, value: 2 },
  ]);
});

test('a month is laid out in weeks from Monday on', () => {
  const weeks = weeksOf('2026-11');
  expect(weeks).toHaveLength(6);
  expect(weeks[0]?.days).toEqual([null, null, null, null, null, null, '2026-11-01']);
  expect(weeks.at(-1)?.days[0]).toBe('2026-11-30');
  expect(weeks.flatMap(({ days }) => days).filter(Boolean)).toHaveLength(30);
});

test('months follow each other over the turn of the year', () => {
  expect(monthsAfter('2026-12', 1)).toBe('2027-01');
  expect(monthsAfter('2026-01', -1)).toBe('2025-12');
});

test('the strongest colour is for the largest results', () => {
  expect([strength('0', 10), strength('-1', 10), strength('3', 10), strength('10', 10)]).toEqual([
    0, 1, 2, 4,
  ]);
});

test('an address tells whose trades, and days and months that exist', () => {
  expect(readStatsSearch({ account: 'a', from: '2026-02-30', to: '2026-02-28', other: 1 })).toEqual(
    {
      account: 'a',
      to: '2026-02-28',
    },
  );
  expect(readCalendarSearch({ month: '2026-13' })).toEqual({});
  expect(readCalendarSearch({ month: '2026-12' })).toEqual({ month: '2026-12' });
  expect(readCompareSearch({ accounts: ['a', 'a', 7, ''] })).toEqual({ accounts: ['a', '7'] });
});

test('the last day of a period counts whole', () => {
  expect(
    statsFilterOf({ account: 'a', from: '2026-11-01', to: '2026-11-01' }, 'Asia/Bangkok'),
  ).toEqual({
    account_id: ['a'],
    from: '2026-10-31T17:00:00.000Z',
    to: '2026-11-01T17:00:00.000Z',
  });
});

test('a group, a tag and what it is told in are asked for as well', () => {
  expect(statsFilterOf({ group: 'g', tag: 'news', in: 'EUR' }, 'UTC')).toEqual({
    group_id: 'g',
    tag: 'news',
    currency: 'EUR',
  });
});

test('those that count are meant where nobody chose, and none is never all', () => {
  const [dollars, euros] = [
    { id: 'dollars', currency: 'USD' },
    { id: 'euros', currency: 'EUR' },
  ];
  const some = { accounts: [dollars], all: 2 };
  const all = { accounts: [dollars, euros], all: 2 };

  expect(chosenAccounts({ account: 'virtual' }, some)).toEqual(['virtual']);
  expect(chosenAccounts({ group: 'g' }, some)).toBeNull();
  expect(chosenAccounts({}, some)).toEqual(['dollars']);
  expect(chosenAccounts({}, all)).toBeNull();
  expect(chosenAccounts({ currency: 'EUR' }, all)).toEqual(['euros']);
  expect(chosenAccounts({ currency: 'EUR' }, some)).toEqual([]);
  expect([undefined, [], null, ['dollars']].map(isAnybody)).toEqual([false, false, true, true]);
});

test('accounts are in order of their capital, those of one level by name', () => {
  const account = (name: string, capital_level: string | null) => ({ name, capital_level });
  const ordered = byLevel([
    account('Old', null),
    account('Beta', '100k'),
    account('Words', 'Funded'),
    account('Alpha', '100K'),
    account('Huge', '$1.5M'),
    account('Exact', '25,000'),
    account('Also', ''),
    account('Alpine', '50K'),
  ]);
  expect(ordered.map(({ name }) => name)).toEqual([
    'Exact',
    'Alpine',
    'Alpha',
    'Beta',
    'Huge',
    'Words',
    'Also',
    'Old',
  ]);
});
