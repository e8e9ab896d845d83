import { expect, test } from 'vitest';
import { type SizingRule, sized } from './sizing';

function rule(changes: Partial<SizingRule>): SizingRule {
  return { mode: 'same', value: '1', min: null, max: null, step: null, ...changes };
}

// The cases of the definition on the server.
test.each([
  ['same', '0.20', rule({ value: '7' }), '0.20'],
  ['half', '0.25', rule({ mode: 'multiplier', value: '0.5', step: '0.01' }), '0.12'],
  ['fixed', '3', rule({ mode: 'fixed', value: '0.10' }), '0.10'],
  ['capped', '3', rule({ max: '1.005', step: '0.01' }), '1'],
  ['below the smallest', '0.02', rule({ mode: 'multiplier', value: '0.1', min: '0.01' }), null],
  ['nothing left', '0.02', rule({ mode: 'multiplier', value: '0.1', step: '0.01' }), null],
])('%s', (_, lots, settings, expected) => {
  expect(sized(settings, lots)?.lots).toBe(expected);
});

test('what needs figures of the accounts is not guessed', () => {
  expect(sized(rule({ mode: 'balance_ratio' as SizingRule['mode'] }), '1')).toBeNull();
});
