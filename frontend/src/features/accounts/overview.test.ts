import { expect, test } from 'vitest';
import { anAccount } from '@/test/build';
import { choicesFor, countedOf } from './counted';
import { sumsOf } from './sums';

const LIVE = anAccount({ id: 'live' });
const PAPER = anAccount({ id: 'paper', platform: 'paper' });
const DEMO = anAccount({ id: 'demo', platform: 'bingx' });
const NONE: ReadonlySet<string> = new Set();

test('paper counts only where it is ticked, and the tick is remembered', () => {
  expect([...countedOf([LIVE, PAPER], NONE, null)]).toEqual(['live']);
  const choices = choicesFor([LIVE, PAPER], NONE, new Set(['paper']), null);
  expect([...countedOf([LIVE, PAPER], NONE, choices)]).toEqual(['paper']);
  expect(choicesFor([LIVE, PAPER], NONE, new Set(['live']), choices)).toBe('{}');
  // Of another user of this device.
  const kept = choicesFor([LIVE, PAPER], NONE, new Set(['live']), '{"theirs":false}');
  expect(kept).toBe('{"theirs":false}');
  expect([...countedOf([LIVE, PAPER], NONE, 'nonsense')]).toEqual(['live']);
});

test('virtual money of an exchange counts only where it is ticked, real money there by itself', () => {
  const demos = new Set(['demo']);
  expect([...countedOf([LIVE, DEMO], demos, null)]).toEqual(['live']);
  expect([...countedOf([LIVE, DEMO], NONE, null)]).toEqual(['live', 'demo']);
  const choices = choicesFor([LIVE, DEMO], demos, new Set(['live', 'demo']), null);
  expect(choices).toBe('{"demo":true}');
  expect([...countedOf([LIVE, DEMO], demos, choices)]).toEqual(['live', 'demo']);
});

test('accounts of one currency are summed up exactly, others stand beside them', () => {
  const [usd, eur] = sumsOf([
    anAccount({ balance: '100.10', equity: '110.3', online: true }),
    anAccount({ balance: '200.20', equity: null }),
    anAccount({ balance: '5', equity: '4.5', currency: 'EUR' }),
  ]);
  expect(usd).toEqual({
    currency: 'USD',
    accounts: 2,
    online: 1,
    balance: '300.30',
    equity: '110.3',
    floating: '10.20',
    silent: 1,
  });
  expect(eur).toMatchObject({ balance: '5', floating: '-0.5', silent: 0 });
});

test('what nobody reported is not zero', () => {
  expect(sumsOf([anAccount({ balance: null, equity: null })])[0]).toMatchObject({
    balance: null,
    equity: null,
    floating: null,
  });
});
