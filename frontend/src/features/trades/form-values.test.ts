import * as v from 'valibot';
import { expect, test } from 'vitest';
import { aTrade } from '@/test/build';
import type { FillRow } from './fills';
import {
  bodyOf,
  changesOf,
  formOf,
  inAverages,
  inFills,
  isLeftBehind,
  newTrade,
  outcomeOf,
  tradeSchema,
} from './form-values';
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
  mae: '-12.5',
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
    mae: '-12.5',
    mfe: null,
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
  expect(outcomeOf(PUT, 'USD', ZONE)).toEqual({ pnl: '117.4', r: '1.2', multiplier: '100' });
  expect(outcomeOf({ ...PUT, exit_price: '3.' }, 'USD', ZONE).pnl).toBe('97.4');
  expect(outcomeOf({ ...PUT, exit_price: '' }, 'USD', ZONE).pnl).toBeNull();
  expect(outcomeOf({ ...PUT, pnl: '100' }, 'USD', ZONE).pnl).toBe('100');
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

test('of what is open there is no result, whatever is told', () => {
  const open = { ...PUT, exit_price: '', exit_at: '' };
  expect(faults({ ...open, pnl: '5' })).toEqual({ pnl: 'not_closed' });
  expect(faults({ ...open, pnl: '0' })).toEqual({});
  expect(outcomeOf({ ...open, pnl: '5' }, 'USD', ZONE).pnl).toBeNull();
  expect(faults({ ...withFill(inFills(PUT), 1, { quantity: '1' }), pnl: '5' })).toEqual({
    pnl: 'not_closed',
  });
});

test('units go with the instrument whose usual ones they are, and none are invented', () => {
  const trade = aTrade({
    source: 'manual',
    symbol: 'EURUSD',
    asset_type: 'forex',
    multiplier: '100000',
    quantity: '1',
    entry_price: '2000',
    exit_price: '2010',
    exit_at: '2026-11-20T13:00:00Z',
  });
  const form = { ...formOf(trade, ZONE), symbol: 'XAUUSD' };
  expect(isLeftBehind(formOf(trade, ZONE), trade)).toBe(false);
  expect(isLeftBehind(form, trade)).toBe(true);
  expect(isLeftBehind({ ...form, multiplier: '10' }, trade)).toBe(false);
  expect(outcomeOf({ ...form, multiplier: '' }, 'USD', ZONE, trade).pnl).toBe('1000');

  const untold = { ...trade, symbol: 'US500', asset_type: 'cfd' as const, multiplier: null };
  const renamed = { ...formOf(untold, ZONE), symbol: 'US500.r' };
  expect(outcomeOf(renamed, 'USD', ZONE, untold).pnl).toBeNull();
  expect(outcomeOf({ ...renamed, multiplier: '100' }, 'USD', ZONE, untold).pnl).toBe('1000');
  expect(outcomeOf({ ...renamed, asset_type: 'stock' }, 'USD', ZONE, untold).pnl).toBe('10');
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
  const told = { ...trade, mae: '-35', mfe: '220' };
  expect(changesOf(told, { ...formOf(told, ZONE), mae: '-40', mfe: '' }, ZONE)).toEqual({
    mae: '-40',
    mfe: null,
  });
  expect(changesOf(trade, { ...form, tags: 'a, b', stop_loss: '2000' }, ZONE)).toEqual({
    tags: ['a', 'b'],
    stop_loss: '2000',
  });
});

/** Two in, two out, with seconds that no field shows. */
const SCALED = aTrade({
  source: 'manual',
  symbol: 'MNQZ6',
  asset_type: 'future',
  direction: 'SHORT',
  quantity: '4',
  entry_price: '20025',
  exit_price: '20010',
  entry_at: '2026-11-20T12:00:37Z',
  exit_at: '2026-11-20T12:20:01.5Z',
  fees: '2',
  executions: [
    { side: 'SELL', quantity: '1', price: '20010', at: '2026-11-20T12:00:37Z', fees: '0.5' },
    { side: 'SELL', quantity: '3', price: '20030', at: '2026-11-20T12:00:52Z', fees: '0.5' },
    { side: 'BUY', quantity: '2', price: '20000', at: '2026-11-20T12:10:09Z', fees: '0.5' },
    { side: 'BUY', quantity: '2', price: '20020', at: '2026-11-20T12:20:01.5Z', fees: '0.5' },
  ],
});

function withFill(form: typeof EMPTY, at: number, changes: Partial<FillRow>): typeof EMPTY {
  const executions = form.executions.map((row, place) =>
    place === at ? { ...row, ...changes } : row,
  );
  return { ...form, executions };
}

test('what was told by fills is written into rows, and an edit keeps them', () => {
  const form = formOf(SCALED, ZONE);
  expect(form).toMatchObject({ several: true, quantity: '', entry_price: '', fees: '' });
  expect(form.executions.map(({ side, at, price }) => [side, at, price])).toEqual([
    ['in', '2026-11-20T19:00', '20010'],
    ['in', '2026-11-20T19:00', '20030'],
    ['out', '2026-11-20T19:10', '20000'],
    ['out', '2026-11-20T19:20', '20020'],
  ]);
  expect(faults(form)).toEqual({});
  expect(outcomeOf(form, 'USD', ZONE)).toMatchObject({ pnl: '118' });

  expect(changesOf(SCALED, { ...form, notes: 'scaled' }, ZONE)).toEqual({ notes: 'scaled' });
  const [first, second, third, fourth] = SCALED.executions;
  expect(changesOf(SCALED, withFill(form, 1, { price: '20031' }), ZONE)).toEqual({
    executions: [first, { ...second, price: '20031' }, third, fourth],
    fees: null,
  });
  expect(
    changesOf(SCALED, withFill(form, 3, { at: '2026-11-20T19:30' }), ZONE).executions?.[3],
  ).toMatchObject({ at: '2026-11-20T12:30:00.000Z' });
});

test('fees of the whole stay what they were told to be', () => {
  const told = { ...SCALED, fees: '7' };
  const form = formOf(told, ZONE);
  expect(form.fees).toBe('7');
  expect(outcomeOf(form, 'USD', ZONE).pnl).toBe('113');
  expect(changesOf(told, withFill(form, 0, { price: '20011' }), ZONE)).toMatchObject({ fees: '7' });
  // Without them the fills bring their own.
  expect(changesOf(told, { ...form, fees: '' }, ZONE)).toEqual({
    executions: told.executions,
    fees: null,
  });
});

test('an entry and an exit of all of it need no rows', () => {
  const [entry, , exit] = SCALED.executions;
  if (!entry || !exit) throw new Error('there are four');
  const once = [
    { ...entry, quantity: '2', fees: '0' },
    { ...exit, quantity: '2' },
  ];
  expect(formOf({ ...SCALED, executions: once }, ZONE).several).toBe(false);
  expect(formOf({ ...SCALED, executions: [entry] }, ZONE).several).toBe(false);
  const paidTwice = once.map((each) => ({ ...each, fees: '1' }));
  expect(formOf({ ...SCALED, executions: paidTwice }, ZONE).several).toBe(true);
});

test('the form is told by fills or once, and what it says goes along', () => {
  const rows = inFills(PUT);
  expect(rows).toMatchObject({ several: true, quantity: '', fees: '' });
  expect(rows.executions).toMatchObject([
    { side: 'in', at: '2026-11-20T19:00', price: '2.50', quantity: '2', fees: '' },
    { side: 'out', at: '2026-11-20T20:00', price: '3.10', quantity: '2', fees: '2.6' },
  ]);
  expect(outcomeOf(rows, 'USD', ZONE)).toEqual(outcomeOf(PUT, 'USD', ZONE));
  expect(bodyOf(rows, ZONE)).not.toHaveProperty('quantity');

  const added = { ...rows.executions[0], price: '2.8', quantity: '2' } as FillRow;
  const more = withFill({ ...rows, executions: [...rows.executions, added] }, 1, { quantity: '4' });
  expect(inAverages(more, ZONE)).toMatchObject({
    several: false,
    quantity: '4',
    entry_price: '2.65',
    exit_price: '3.1',
    exit_at: '2026-11-20T20:00',
    fees: '2.6',
    executions: [],
  });
});

test('each fill says what is wrong with it, and all of them when more is out than in', () => {
  const rows = inFills(PUT);
  expect(faults(withFill(rows, 1, { price: '', quantity: '0' }))).toEqual({
    'executions.1.price': 'required',
    'executions.1.quantity': 'not_positive',
  });
  expect(faults(withFill(rows, 1, { quantity: '3' }))).toEqual({ executions: 'too_much' });
  expect(outcomeOf(withFill(rows, 1, { quantity: '1' }), 'USD', ZONE).pnl).toBeNull();
});
