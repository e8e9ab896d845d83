import { expect, test } from 'vitest';
import { anAccount } from '@/test/build';
import { choicesFor, countedOf } from './counted';
import { sumsOf } from './sums';

const LIVE = anAccount({ id: 'live' });
const PAPER = anAccount({ id: 'paper', platform: 'paper' });

test('paper counts only where it is ticked, and the tick is remembered', () => {
  expect([...countedOf([LIVE, PAPER], null)]).toEqual(['live']);
  const choices = choicesFor([LIVE, PAPER], new Set(['paper']));
  expect([...countedOf([LIVE, PAPER], choices)]).toEqual(['paper']);
  expect(choicesFor([LIVE, PAPER], new Set(['live']))).toBe('{}');
  expect([...countedOf([LIVE, PAPER], 'nonsense')]).toEqual(['live']);
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
