import * as v from 'valibot';
import { expect, test } from 'vitest';
import { aTrade } from '@/test/build';
import { bodyOf, changesOf, formOf, newTrade, outcomeOf, tradeSchema } from './form-values';
import { tagsOf } from './tags';

const ZONE = 'Asia/Bangkok';
const EMPTY = newTrade(
  { id: 'account-1', platform: 'ibkr' },
  ZONE,
  new Date('2026-11-20T12:00:00Z'),
);
const PUT = {
  ...EMPTY,
  symbol: ' SPY ',
  kind: 'PUT' as const,
  quantity: '2',
  entry_price: '2.50',
  exit_price: '3.10',
  exit_at: '2026-11-20T20:00',
  stop_loss: '2.00',
  fees: '2.6',
  tags: 'gap, news; gap ,',
};

function faults(form: typeof EMPTY) {
  const result = v.safeParse(tradeSchema, form);
  return Object.fromEntries(
    (result.issues ?? []).map((issue) => [v.getDotPath(issue), issue.message]),
  );
}

test('a put is an option that was bought', () => {
  expect(bodyOf(PUT, ZONE)).toMatchObject({
    symbol: 'SPY',
    direction: 'LONG',
    asset_type: 'option',
    option_type: 'PUT',
    entry_at: '2026-11-20T12:00:00.000Z',
    exit_at: '2026-11-20T13:00:00.000Z',
    tags: ['gap', 'news'],
    multiplier: null,
  });
});

test('the result is known while it is typed in', () => {
  expect(outcomeOf(PUT, 'USD')).toEqual({ pnl: '117.4', r: '1.2', multiplier: '100' });
  expect(outcomeOf({ ...PUT, exit_price: '3.' }, 'USD').pnl).toBe('97.4');
  expect(outcomeOf({ ...PUT, exit_price: '' }, 'USD').pnl).toBeNull();
  expect(outcomeOf({ ...PUT, pnl: '100' }, 'USD').pnl).toBe('100');
});

test('each field says what is wrong with it', () => {
  expect(faults({ ...PUT, quantity: '0', fees: 'none' })).toEqual({
    quantity: 'not_positive',
    fees: 'not_a_number',
  });
  expect(faults(EMPTY)).toEqual({
    symbol: 'required',
    quantity: 'required',
    entry_price: 'required',
  });
  expect(faults({ ...PUT, exit_price: '' })).toEqual({ exit_price: 'required' });
  expect(faults({ ...PUT, exit_at: '' })).toEqual({ exit_at: 'required' });
  expect(faults({ ...PUT, exit_at: '2026-11-20T18:00' })).toEqual({ exit_at: 'before_entry' });
});

test('a trade is written into the form as it was told', () => {
  const trade = aTrade({ direction: 'LONG', asset_type: 'option', option_type: 'CALL', fees: '0' });
  expect(formOf(trade, ZONE)).toMatchObject({
    kind: 'CALL',
    entry_at: '2026-11-20T19:00',
    exit_at: '',
    fees: '',
  });
  expect(formOf({ ...trade, direction: 'SHORT' }, ZONE).kind).toBe('SHORT');
});

test('tags stand between commas', () => {
  expect(tagsOf(' a,b ;a,, ')).toEqual(['a', 'b']);
});

test('only what is told otherwise is sent, so that single executions stay', () => {
  const trade = aTrade({
    source: 'manual',
    entry_at: '2026-11-20T12:00:37Z',
    tags: ['a'],
    fees: '1.5',
  });
  const form = formOf(trade, ZONE);
  expect(changesOf(trade, form, ZONE)).toEqual({});
  expect(changesOf(trade, { ...form, tags: 'a, b', stop_loss: '2000' }, ZONE)).toEqual({
    tags: ['a', 'b'],
    stop_loss: '2000',
  });
});
