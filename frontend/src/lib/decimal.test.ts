import { expect, test } from 'vitest';
import {
  add,
  compare,
  decimals,
  divide,
  isDecimal,
  mostDecimals,
  multiply,
  sign,
  wholeSteps,
} from './decimal';

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

test.each([
  ['0.20', '0.5', '0.1'],
  ['0.25', '0.5', '0.125'],
  ['9007199254740993', '2', '18014398509481986'],
  ['-1.5', '0.02', '-0.03'],
])('%s times %s is %s', (left, right, product) => {
  expect(multiply(left, right)).toBe(product);
});

test.each([
  ['0.125', '0.01', '0.12'],
  ['0.29', '0.03', '0.27'],
  ['3', '0.25', '3'],
  ['0.009', '0.01', '0'],
])('%s in steps of %s is %s', (value, step, whole) => {
  expect(wholeSteps(value, step)).toBe(whole);
});

test('a step above zero is needed', () => {
  expect(() => wholeSteps('1', '0.00')).toThrow(RangeError);
});

test('decimals are compared by value', () => {
  expect([compare('0.10', '0.1'), compare('-2', '1'), compare('10', '9.99')]).toEqual([0, -1, 1]);
});

test('only plain decimals count as such', () => {
  expect(['0.1', ' 12. ', '1e3', '', '1,5', '-0'].map(isDecimal)).toEqual([
    true,
    true,
    false,
    false,
    false,
    true,
  ]);
});

test('figures of one kind are written with the decimals of the longest', () => {
  expect(mostDecimals('1.085', '1.08394', null)).toBe(5);
  expect(mostDecimals(null, undefined)).toBe(0);
});

test.each([
  ['1', '3', 4, '0.3333'],
  ['2', '3', 4, '0.6667'],
  ['-2', '3', 4, '-0.6667'],
  ['10.0', '4', 2, '2.5'],
  ['0.125', '1', 2, '0.12'],
  ['0.135', '1', 2, '0.14'],
  ['-0.001', '1', 2, '0'],
  ['1234567.891', '0.001', 0, '1234567891'],
])('%s divided by %s to %i places is %s', (left, right, places, expected) => {
  expect(divide(left, right, places)).toBe(expected);
});
