import { expect, test } from 'vitest';
import { add, decimals, sign } from './decimal';

test.each([
  ['0.1', '0.2', '0.3'],
  ['-1.25', '1', '-0.25'],
  ['9007199254740993', '0.01', '9007199254740993.01'],
  ['0', '-0.05', '-0.05'],
])('%s and %s make %s', (left, right, sum) => {
  expect(add(left, right)).toBe(sum);
});

test('signs follow the value, not the writing', () => {
  expect([sign('-0.01'), sign('-0.00'), sign('12')]).toEqual([-1, 0, 1]);
});

test('written decimals are counted', () => {
  expect([decimals('2030.50'), decimals('7')]).toEqual([2, 0]);
});

test('what is not a decimal is refused', () => {
  expect(() => add('1e3', '1')).toThrow(RangeError);
});
