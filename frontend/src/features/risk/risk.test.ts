import { expect, test } from 'vitest';
import type { CopySettings } from '@/api/types';
import { aSubscription } from '@/test/build';
import { aSummary } from '@/test/build-risk';
import { clockNews, clocksChange } from './clock';
import { linesOf } from './components/equity-chart';
import { placeOf, spanOf, ZERO } from './distance';
import { byWeakness, earliest } from './fleet';
import { edited, faultOf, figureOf, valuesOf } from './rule-values';
import { shownStatus } from './status';
import { copyingBy, lotsAt, questionOf, SAME } from './what-if';

test('a bar grows to the right of zero, overshoot to its left, and neither leaves it', () => {
  expect(placeOf('0')).toBe(ZERO);
  expect(placeOf('100')).toBe(1);
  expect(placeOf('140')).toBe(1);
  expect(spanOf('25').from).toBe(ZERO);
  expect(spanOf('-5').to).toBe(ZERO);
  expect(spanOf('-5').from).toBeLessThan(ZERO);
  expect(spanOf('-900').from).toBe(0);
});

test('without news nothing stays safe, and what was crossed stays crossed', () => {
  expect(shownStatus('safe', true)).toBe('stale');
  expect(shownStatus('critical', true)).toBe('stale');
  expect(shownStatus('violated', true)).toBe('violated');
  expect(shownStatus('unknown', true)).toBe('unknown');
  expect(shownStatus('safe', false)).toBe('safe');
});

test('accounts are ordered by the worse of what they are and were', () => {
  const of = (id: string, changes: Parameters<typeof aSummary>[0]) =>
    aSummary({ account_id: id, account_name: id, ...changes });
  const order = [
    of('safe', { status: 'safe', last_known_status: 'safe' }),
    of('caution', {}),
    of('old', { status: 'stale', last_known_status: 'critical' }),
    of('new', { status: 'unknown', last_known_status: null, weakest: null }),
    of('crossed', { status: 'violated', last_known_status: 'violated' }),
  ]
    .sort(byWeakness)
    .map(({ account_id }) => account_id);
  expect(order).toEqual(['crossed', 'old', 'new', 'caution', 'safe']);
});

test('the first of several moments is found whatever their zone', () => {
  expect(earliest([null, '2026-11-20T12:00:00Z', '2026-11-20T12:30:00+01:00'])).toBe(
    '2026-11-20T12:30:00+01:00',
  );
  expect(earliest([null, undefined])).toBeNull();
});

test('the night on which clocks change is known for the firm’s zone', () => {
  const night = ['2026-10-24T12:00:00Z', '2026-10-25T23:00:00Z'] as const;
  expect(clocksChange('Europe/Prague', ...night)).toBe(true);
  expect(clocksChange('America/New_York', ...night)).toBe(false);
});

test.each([
  // Prague changes on 25 October and New York on 1 November.
  ['Europe/Prague', '2026-10-20T12:00:00Z', 'ahead'],
  ['Europe/Prague', '2026-10-24T12:00:00Z', 'ahead'],
  ['Europe/Prague', '2026-10-25T00:30:00Z', 'change'],
  ['Europe/Prague', '2026-10-27T12:00:00Z', 'odd'],
  ['Europe/Prague', '2026-11-20T12:00:00Z', null],
  ['Europe/Prague', '2026-03-10T12:00:00Z', 'odd'],
  ['America/New_York', '2026-10-27T12:00:00Z', 'ahead'],
  ['America/New_York', '2026-10-20T12:00:00Z', null],
  ['Asia/Bangkok', '2026-10-27T12:00:00Z', null],
  ['UTC', '2026-10-27T12:00:00Z', null],
])('of the clocks of %s there is at %s this to say: %s', (zone, now, news) => {
  const resetAt = new Date(Date.parse(now) + 10 * 3_600_000).toISOString();
  expect(clockNews(zone, now, resetAt)).toBe(news);
});

test('an edited rule keeps all that was not typed', () => {
  const rule = {
    id: 'daily',
    kind: 'max_daily_loss',
    limit: { type: 'percent', value: '5', of: 'initial' },
    reference: 'balance',
    breach_on: 'cross',
  } as const;
  expect(figureOf(rule)).toBe('5');
  expect(edited(rule, { value: ' 4.5 ', caution: '', critical: '', pending: false })).toEqual({
    ...rule,
    limit: { type: 'percent', value: '4.5', of: 'initial' },
  });
  const marked = edited(rule, { value: '5', caution: '40', critical: '10', pending: false });
  expect(marked.thresholds).toEqual({ caution: '40', critical: '10' });
  expect(faultOf(rule, { ...valuesOf(rule), value: 'five' }, 'value')).toBe('not_a_number');
  expect(faultOf(rule, { ...valuesOf(rule), critical: '10' }, 'caution')).toBe('required');
});

test('what-if asks only when every account says what a lot may lose', () => {
  const members = [aSummary(), aSummary({ account_id: 'account-2' })];
  expect(questionOf(members, () => ({ ...SAME, risk: '' }), { lots: null, symbol: '' })).toBeNull();
  const asked = questionOf(members, () => ({ ...SAME, risk: '500' }), { lots: '0.3', symbol: '' });
  expect(asked?.leader_lots).toBe('0.3');
  expect(asked?.accounts.map(({ risk_per_lot }) => risk_per_lot)).toEqual(['500', '500']);
});

test('how an account copies is known from its settings, or not at all', () => {
  const by = (
    mode: CopySettings['sizing']['mode'],
    value = '1',
    lot_step: string | null = null,
  ) => ({
    ...aSubscription().settings,
    sizing: { mode, value },
    lot_step,
  });
  expect(copyingBy([by('same')])).toEqual({ ratio: '1', step: '0.01' });
  expect(copyingBy([by('multiplier', '3', '0.1')])).toEqual({ ratio: '3', step: '0.1' });
  expect(copyingBy([by('multiplier', '1'), by('same')]).ratio).toBe('1');
  expect(copyingBy([by('multiplier', '3'), by('same')]).ratio).toBe('');
  expect(copyingBy([by('equity_ratio')]).ratio).toBe('');
  expect(copyingBy([by('fixed', '0.1')]).ratio).toBe('');
  expect(copyingBy([]).ratio).toBe('');
  const members = [aSummary()];
  expect(
    questionOf(members, () => ({ ...SAME, ratio: '', risk: '500' }), { lots: null, symbol: '' }),
  ).toBeNull();
});

test('the slider reaches beyond the largest size, in whole steps', () => {
  expect(lotsAt(100, '3.4')).toBe('5.1');
  expect(lotsAt(33, '0.07')).toBe('0.03');
  expect(lotsAt(0, '3.4')).toBe('0');
});

test('a chart has one point a second, and lines where they were known', () => {
  const point = (at: string, equity: string, floors: Record<string, string>) => ({
    ...{ at, equity, floors, balance: equity, low: equity, high: equity },
  });
  const { equity, floors } = linesOf([
    point('2026-11-20T12:00:00.100Z', '99', {}),
    point('2026-11-20T12:00:01.100Z', '101', { daily: '95' }),
    point('2026-11-20T12:00:01.900Z', '100', { daily: '94' }),
  ]);
  const second = Date.parse('2026-11-20T12:00:00Z') / 1000;
  expect(equity).toEqual([
    { time: second, value: 99 },
    { time: second + 1, value: 100 },
  ]);
  expect(floors).toEqual([{ id: 'daily', points: [{ time: second + 1, value: 94 }] }]);
});
