import { parse, safeParse } from 'valibot';
import { expect, test } from 'vitest';
import { aSubscription } from '@/test/build';
import { formFault, patchOf, settingsSchema, valuesOf, withContract } from './settings-values';

const { settings } = aSubscription();

test('what was read is written back unchanged', () => {
  const stored = {
    ...settings,
    sizing: { mode: 'risk_percent', value: '0.015' },
    max_lots: '1.5',
    symbol_map: { NAS100: 'USTEC' },
    deny_symbols: ['BTCUSD', 'ETHUSD'],
    max_deviation: '0.001',
    max_open_copies: 3,
  } as const;
  const values = valuesOf({ ...stored, deny_symbols: [...stored.deny_symbols] });
  expect([values.value, values.max_deviation, values.symbol_map]).toEqual([
    '1.5',
    '0.1',
    'NAS100 = USTEC',
  ]);
  expect(patchOf(parse(settingsSchema, values))).toEqual({ ...stored });
});

test('the same size needs no value, every other way does', () => {
  const values = valuesOf(settings);
  expect(patchOf(values).sizing).toEqual({ mode: 'same' });
  const other = safeParse(settingsSchema, { ...values, mode: 'fixed', value: '' });
  expect(other.issues?.map(({ message }) => message)).toEqual(['required']);
  // What is not shown is not looked at.
  expect(safeParse(settingsSchema, { ...values, value: 'abc' }).success).toBe(true);
  const bad = safeParse(settingsSchema, { ...values, mode: 'fixed', value: 'abc' });
  expect(bad.issues?.map(({ message }) => message)).toEqual(['not_a_number']);
});

test.each([
  ['min_lots', '0', 'not_positive'],
  ['max_lots', '1e3', 'not_a_number'],
  ['max_age_s', '121', 'out_of_range'],
  ['max_age_s', '', 'required'],
  ['max_open_copies', '0', 'out_of_range_copies'],
  ['symbol_map', 'NAS100', 'invalid_map'],
])('%s may not be %j', (field, text, code) => {
  const { issues } = safeParse(settingsSchema, { ...valuesOf(settings), [field]: text });
  expect(issues?.map(({ message }) => message)).toContain(code);
});

test('names may be written in a line or below each other', () => {
  const values = { ...valuesOf(settings), allow_symbols: 'XAUUSD, EURUSD\nGBPUSD' };
  const map = { ...values, symbol_map: 'NAS100=USTEC\nGER40 → DE40' };
  expect(patchOf(map).allow_symbols).toEqual(['XAUUSD', 'EURUSD', 'GBPUSD']);
  expect(patchOf(map).symbol_map).toEqual({ NAS100: 'USTEC', GER40: 'DE40' });
});

test('a fault of the API finds its field', () => {
  const fault = (field: string, code = 'too_large') => formFault({ field, code });
  expect(fault('settings.sizing')).toEqual({ field: 'value', code: 'too_large' });
  expect(fault('settings.sizing.value').field).toBe('value');
  expect(fault('settings.deny_symbols').field).toBe('deny_symbols');
  expect(fault('settings.max_open_copies', 'out_of_range').code).toBe('out_of_range_copies');
});

test('a chosen contract takes its place in both maps, and that of the one before', () => {
  const maps = { symbol_map: 'NAS100 = USTEC', units_per_lot: '' };
  const gold = { instrument: 'XAUUSD', contract: 'XAU-USDT', unitsPerLot: '100' };
  const first = withContract(maps, gold);
  expect(first).toEqual({
    symbol_map: 'NAS100 = USTEC\nXAUUSD = XAU-USDT',
    units_per_lot: 'XAUUSD = 100',
  });
  expect(withContract(first, { ...gold, contract: 'PAXG-USDT', unitsPerLot: null })).toEqual({
    symbol_map: 'NAS100 = USTEC\nXAUUSD = PAXG-USDT',
    units_per_lot: 'XAUUSD = 100',
  });
});
