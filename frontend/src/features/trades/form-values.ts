import * as v from 'valibot';
import type { Account, CreateTrade, PatchTrade, Platform, Trade } from '@/api/types';
import { add, compare, isDecimal, multiply, sign } from '@/lib/decimal';
import { clockIn, momentOf } from '@/lib/zone';
import {
  executionsOf,
  type FillsPosition,
  fillsTold,
  isOnePosition,
  isOpen,
  isToldOnce,
  newFill,
  positionOf,
  rowsOf,
} from './fills';
import { gain, netOf, rMultiple, usualMultiplier } from './profit-of';
import { tagsOf } from './tags';

/** What a trade is told as: calls and puts are options that were bought. */
export const KINDS = ['LONG', 'SHORT', 'CALL', 'PUT'] as const;
export const ASSETS = ['stock', 'option', 'future', 'crypto', 'forex', 'cfd'] as const;

const MOST_TAGS = 20;

const optional = v.pipe(
  v.string(),
  v.trim(),
  v.check((text) => text === '' || isDecimal(text), 'not_a_number'),
);
const positive = v.pipe(
  optional,
  v.check((text) => text === '' || !isDecimal(text) || sign(text) > 0, 'not_positive'),
);
const required = <Schema extends v.GenericSchema<string, string>>(schema: Schema) =>
  v.pipe(schema, v.minLength(1, 'required'));

const moment = v.pipe(v.string(), v.minLength(1, 'required'));

const fill = v.object({
  side: v.picklist(['in', 'out']),
  at: moment,
  was: v.string(),
  price: required(optional),
  quantity: required(positive),
  fees: optional,
});

const shared = {
  account_id: v.pipe(v.string(), v.minLength(1, 'required')),
  symbol: v.pipe(v.string(), v.trim(), v.minLength(1, 'required'), v.maxLength(64, 'too_long')),
  kind: v.picklist(KINDS),
  asset_type: v.picklist(ASSETS),
  multiplier: positive,
  stop_loss: positive,
  take_profit: positive,
  // With several fills: instead of what those add up to.
  fees: optional,
  swap: optional,
  pnl: optional,
  // Of either sign, as files tell them.
  mae: optional,
  mfe: optional,
  tags: v.pipe(
    v.string(),
    v.check((text) => tagsOf(text).length <= MOST_TAGS, 'too_many'),
    v.check((text) => tagsOf(text).every((tag) => tag.length <= 40), 'too_long'),
  ),
  notes: v.pipe(v.string(), v.maxLength(10_000, 'too_long')),
  // Whether `executions` tell size, prices and times.
  several: v.boolean(),
  executions: v.array(fill),
};

const fields = v.object({
  ...shared,
  quantity: required(positive),
  entry_price: required(optional),
  entry_at: moment,
  exit_price: optional,
  exit_at: v.string(),
});

const toldOnce = v.pipe(
  fields,
  v.forward(
    v.check(({ exit_price, exit_at }) => exit_at === '' || exit_price !== '', 'required'),
    ['exit_price'],
  ),
  v.forward(
    v.check(({ exit_price, exit_at }) => exit_price === '' || exit_at !== '', 'required'),
    ['exit_at'],
  ),
  v.forward(
    v.check(({ entry_at, exit_at }) => exit_at === '' || exit_at >= entry_at, 'before_entry'),
    ['exit_at'],
  ),
  v.forward(
    v.check(
      ({ pnl, exit_price, exit_at }) => isNothing(pnl) || exit_price !== '' || exit_at !== '',
      'not_closed',
    ),
    ['pnl'],
  ),
);

/** What is not shown beside rows of fills is not looked at. */
const toldByFills = v.pipe(
  v.object({
    ...shared,
    quantity: v.string(),
    entry_price: v.string(),
    entry_at: v.string(),
    exit_price: v.string(),
    exit_at: v.string(),
  }),
  v.forward(
    v.check(({ executions }) => isOnePosition(executions), 'too_much'),
    ['executions'],
  ),
  v.forward(
    v.check(({ pnl, executions }) => isNothing(pnl) || !isOpen(executions), 'not_closed'),
    ['pnl'],
  ),
);

/** A broker's result that says nothing, as of trades that are open. */
function isNothing(pnl: string): boolean {
  return !isDecimal(pnl) || sign(pnl) === 0;
}

export type TradeForm = v.InferOutput<typeof fields>;
export const FIELDS = Object.keys(fields.entries) as (keyof TradeForm)[];

/** The form of a trade; nearly every field is text. */
export const tradeSchema = v.lazy(
  (form): v.GenericSchema<TradeForm> => (isSeveral(form) ? toldByFills : toldOnce),
);

function isSeveral(form: unknown): boolean {
  return typeof form === 'object' && form !== null && 'several' in form && form.several === true;
}

/** What is mostly traded on a platform. */
const USUAL_ASSETS: Partial<Record<Platform, TradeForm['asset_type']>> = {
  mt4: 'forex',
  mt5: 'forex',
  bingx: 'crypto',
  paper: 'crypto',
  topstepx: 'future',
  tradovate: 'future',
};

/** An empty form. */
export function newTrade(
  account: Pick<Account, 'id' | 'platform'> | undefined,
  zone: string,
  now: Date,
): TradeForm {
  return {
    account_id: account?.id ?? '',
    symbol: '',
    kind: 'LONG',
    asset_type: (account && USUAL_ASSETS[account.platform]) ?? 'stock',
    quantity: '',
    multiplier: '',
    entry_price: '',
    entry_at: clockIn(zone, now),
    exit_price: '',
    exit_at: '',
    stop_loss: '',
    take_profit: '',
    fees: '',
    swap: '',
    pnl: '',
    mae: '',
    mfe: '',
    tags: '',
    notes: '',
    several: false,
    executions: [],
  };
}

/** A trade as the form writes it. */
export function formOf(trade: Trade, zone: string): TradeForm {
  const when = (at: string | null | undefined) => (at ? clockIn(zone, new Date(at)) : '');
  const isBought = trade.option_type && trade.direction === 'LONG';
  const several = !isToldOnce(trade);
  return {
    account_id: trade.account_id,
    symbol: trade.symbol,
    kind: KINDS.find((kind) => isBought && kind === trade.option_type) ?? trade.direction,
    asset_type: trade.asset_type,
    multiplier: trade.multiplier ?? '',
    ...(several
      ? NOT_TOLD
      : {
          quantity: trade.quantity,
          entry_price: trade.entry_price ?? '',
          entry_at: when(trade.entry_at),
          exit_price: trade.exit_price ?? '',
          exit_at: when(trade.exit_at),
        }),
    several,
    executions: several ? rowsOf(trade, zone) : [],
    stop_loss: trade.stop_loss ?? '',
    take_profit: trade.take_profit ?? '',
    fees: several ? feesBeside(trade) : nonZero(trade.fees),
    swap: nonZero(trade.swap),
    pnl: trade.pnl_source === 'broker' ? (trade.pnl ?? '') : '',
    mae: trade.mae ?? '',
    mfe: trade.mfe ?? '',
    tags: trade.tags.join(', '),
    notes: trade.notes ?? '',
  };
}

/** What rows of fills say instead. */
const NOT_TOLD = { quantity: '', entry_price: '', entry_at: '', exit_price: '', exit_at: '' };

const nonZero = (amount: string): string => (sign(amount) === 0 ? '' : amount);

/** Fees of the whole, where they were told otherwise than fill by fill. */
function feesBeside({ fees, executions }: Trade): string {
  const sum = executions.reduce((all, each) => add(all, each.fees), '0');
  return compare(sum, fees) === 0 ? '' : fees;
}

/** The same, told by rows of fills from now on. */
export function inFills(form: TradeForm): TradeForm {
  const { quantity, entry_price, entry_at, exit_price, exit_at, fees } = form;
  const entry = { ...newFill('in', entry_at), price: entry_price, quantity };
  const exit = { ...newFill('out', exit_at || entry_at), price: exit_price, quantity };
  const executions = exit_price === '' ? [{ ...entry, fees }] : [entry, { ...exit, fees }];
  return { ...form, ...NOT_TOLD, fees: '', several: true, executions };
}

/** The same, told once: averages stand for what single fills said. */
export function inAverages(form: TradeForm, zone: string): TradeForm {
  const told = { ...form, several: false, executions: [] };
  const position = positionTold(form, zone);
  if (position === null || position === 'too_much') {
    const [first] = form.executions;
    if (!first) return told;
    return { ...told, quantity: first.quantity, entry_price: first.price, entry_at: first.at };
  }
  const { quantity, entry, exit, enteredAt, exitedAt, fees } = position;
  const isOver = exitedAt !== null;
  return {
    ...told,
    quantity,
    entry_price: entry,
    entry_at: clockIn(zone, new Date(enteredAt)),
    exit_price: (isOver && exit) || '',
    exit_at: isOver ? clockIn(zone, new Date(exitedAt)) : '',
    fees: form.fees || nonZero(fees),
  };
}

/** What the rows of fills add up to, as far as they are told. */
export function positionTold(form: TradeForm, zone: string): FillsPosition | 'too_much' | null {
  return positionOf(directionOf(form), fillsTold(form.executions, zone));
}

const directionOf = ({ kind }: TradeForm): Trade['direction'] =>
  kind === 'SHORT' ? 'SHORT' : 'LONG';

type Named = Pick<TradeForm, 'symbol' | 'kind' | 'asset_type'>;

function instrumentOf({ symbol, kind, asset_type }: Named): Pick<Trade, 'symbol' | 'asset_type'> {
  const isRight = kind === 'CALL' || kind === 'PUT';
  return { symbol: symbol.trim(), asset_type: isRight ? 'option' : asset_type };
}

/**
 * Units per one of the size where the form does not tell: the usual ones. Nobody knows those of
 * lots in some files; another kind tells them, or another name, but not of contracts for difference.
 */
export function unitsUntold(form: Named, trade: Trade | undefined): string | null {
  const { symbol, asset_type } = instrumentOf(form);
  const isSame = asset_type === 'cfd' || symbol === trade?.symbol;
  if (trade && !trade.multiplier && isSame && asset_type === trade.asset_type) return null;
  return usualMultiplier(asset_type, symbol);
}

/** Whether the form still has the usual multiplier of another instrument, with which it goes. */
export function isLeftBehind(form: Named & Pick<TradeForm, 'multiplier'>, trade: Trade): boolean {
  const { symbol, asset_type } = instrumentOf(form);
  const { multiplier } = trade;
  const usual = usualMultiplier(trade.asset_type, trade.symbol);
  if (!multiplier || form.multiplier !== multiplier || usual === null) return false;
  const isOther = symbol !== trade.symbol || asset_type !== trade.asset_type;
  return isOther && compare(usual, multiplier) === 0;
}

/** What is sent for a new trade. */
export function bodyOf(form: TradeForm, zone: string): CreateTrade {
  return {
    account_id: form.account_id,
    ...instrumentOf(form),
    direction: directionOf(form),
    option_type: form.kind === 'CALL' || form.kind === 'PUT' ? form.kind : null,
    multiplier: form.multiplier || null,
    ...(form.several ? partsOf(form, zone) : wholeOf(form, zone)),
    stop_loss: form.stop_loss || null,
    take_profit: form.take_profit || null,
    swap: form.swap || '0',
    pnl: form.pnl || null,
    mae: form.mae || null,
    mfe: form.mfe || null,
    tags: tagsOf(form.tags),
    notes: form.notes.trim() || null,
  };
}

/** Size, prices and times, told once. */
function wholeOf(form: TradeForm, zone: string) {
  const when = (local: string) => momentOf(zone, local)?.toISOString() ?? null;
  return {
    quantity: form.quantity,
    entry_price: form.entry_price,
    entry_at: when(form.entry_at),
    exit_price: form.exit_price || null,
    exit_at: form.exit_at === '' ? null : when(form.exit_at),
    fees: form.fees || '0',
  };
}

/** The same by single fills; fees are theirs unless told. */
function partsOf(form: TradeForm, zone: string) {
  return {
    executions: executionsOf(form.executions, directionOf(form), zone),
    fees: form.fees || null,
  };
}

/**
 * What the form says otherwise than the trade does: times are typed to the minute, and
 * whoever tells size, prices or times anew gives up the single executions. Fills are
 * sent all together, with the fees of the whole: without those they bring their own.
 */
export function changesOf(trade: Trade, form: TradeForm, zone: string): PatchTrade {
  const { account_id: _, ...before } = bodyOf(formOf(trade, zone), zone);
  const { account_id: __, ...after } = bodyOf(form, zone);
  const told = new Map<string, unknown>(Object.entries(before));
  const changes = Object.fromEntries(
    Object.entries(after).filter(
      ([name, value]) => JSON.stringify(value) !== JSON.stringify(told.get(name)),
    ),
  ) satisfies PatchTrade;
  const isFilled = form.several && ('executions' in changes || 'fees' in changes);
  return isFilled ? { ...changes, ...partsOf(form, zone) } : changes;
}

export interface Outcome {
  pnl: string | null;
  r: string | null;
  multiplier: string | null;
}

/**
 * What the trade that is being typed in brings, as far as it is told.
 *
 * `trade`: the one that is changed.
 */
export function outcomeOf(
  form: TradeForm,
  currency: string,
  zone: string,
  trade?: Trade | undefined,
): Outcome {
  const { asset_type, symbol } = instrumentOf(form);
  const direction = directionOf(form);
  const multiplier = decimal(form.multiplier) ?? unitsUntold(form, trade);
  const brokers = decimal(form.pnl);
  const closed = form.several ? closedByFills(form, zone) : closedOnce(form);
  if (closed === null) return { pnl: null, r: null, multiplier };
  const { entry, exit, realised, fees } = closed;
  const stop = decimal(form.stop_loss);
  const terms = { symbol, asset_type, exit, fees, swap: decimal(form.swap) ?? '0', currency };
  return {
    pnl: brokers ?? (realised && multiplier ? netOf(realised, { ...terms, multiplier }) : null),
    r: stop && rMultiple({ direction, entry, exit, stop }),
    multiplier,
  };
}

interface Closed {
  entry: string;
  exit: string;
  /** In price times quantity; null where that is not told. */
  realised: string | null;
  fees: string;
}

function closedOnce(form: TradeForm): Closed | null {
  const [entry, exit] = [decimal(form.entry_price), decimal(form.exit_price)];
  if (entry === null || exit === null) return null;
  const quantity = decimal(form.quantity);
  const realised = quantity && multiply(gain(directionOf(form), entry, exit), quantity);
  return { entry, exit, realised, fees: decimal(form.fees) ?? '0' };
}

function closedByFills(form: TradeForm, zone: string): Closed | null {
  const position = positionTold(form, zone);
  if (position === null || position === 'too_much') return null;
  const { entry, exit, realised } = position;
  if (exit === null || realised === null) return null;
  return { entry, exit, realised, fees: decimal(form.fees) ?? position.fees };
}

const decimal = (text: string): string | null => (isDecimal(text) ? text.trim() : null);
