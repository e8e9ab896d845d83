import { expect, test } from 'vitest';
import { filterOf } from './filter';
import { isNarrowed, readTradesSearch } from './search';

test('what an address tells is read, the rest is left out', () => {
  expect(
    readTradesSearch({
      account: 'a',
      symbol: 30,
      source: 'copy',
      status: 'gone',
      from: '2026-11-01',
      to: '2026-02-30',
      sort: '-exit_at',
      add: true,
      other: 'x',
    }),
  ).toEqual({
    account: 'a',
    symbol: '30',
    source: 'copy',
    from: '2026-11-01',
    sort: '-exit_at',
    add: true,
  });
});

test('the usual order is not told', () => {
  expect(readTradesSearch({ sort: '-entry_at' })).toEqual({});
});

test('days are asked for as the user lives them, the last one whole', () => {
  expect(filterOf({ from: '2026-11-01', to: '2026-11-01' }, 'Asia/Bangkok')).toEqual({
    from: '2026-10-31T17:00:00.000Z',
    to: '2026-11-01T17:00:00.000Z',
  });
});

test('order and the open trade narrow nothing', () => {
  expect(isNarrowed({ sort: 'exit_at', trade: 'a', add: true })).toBe(false);
  expect(isNarrowed({ symbol: 'XAUUSD' })).toBe(true);
});
