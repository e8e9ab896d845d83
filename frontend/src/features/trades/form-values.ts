import * as v from 'valibot';
import type { Account, CreateTrade, PatchTrade, Platform, Trade } from '@/api/types';
import { isDecimal, sign } from '@/lib/decimal';
import { clockIn, momentOf } from '@/lib/zone';
import { netProfit, rMultiple, usualMultiplier } from './profit-of';
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

const fields = v.object({
  account_id: v.pipe(v.string(), v.minLength(1, 'required')),
  symbol: v.pipe(v.string(), v.trim(), v.minLength(1, 'required'), v.maxLength(64, 'too_long')),
  kind: v.picklist(KINDS),
  asset_type: v.picklist(ASSETS),
  quantity: required(positive),
  multiplier: positive,
  entry_price: required(optional),
  entry_at: v.pipe(v.string(), v.minLength(1, 'required')),
  exit_price: optional,
  exit_at: v.string(),
  stop_loss: positive,
  take_profit: positive,
  fees: optional,
  swap: optional,
  pnl: optional,
  tags: v.pipe(
    v.string(),
    v.check((text) => tagsOf(text).length <= MOST_TAGS, 'too_many'),
    v.check((text) => tagsOf(text).every((tag) => tag.length <= 40), 'too_long'),
  ),
  notes: v.pipe(v.string(), v.maxLength(10_000, 'too_long')),
});

/** The form of a trade; every field is text. */
export const tradeSchema = v.pipe(
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
);

export type TradeForm = v.InferOutput<typeof fields>;
export const FIELDS = Object.keys(fields.entries) as (keyof TradeForm)[];

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
    tags: '',
    notes: '',
  };
}

/** A trade as the form writes it. */
export function formOf(trade: Trade, zone: string): TradeForm {
  const when = (at: string | null | undefined) => (at ? clockIn(zone, new Date(at)) : '');
  const isBought = trade.option_type && trade.direction === 'LONG';
  return {
    account_id: trade.account_id,
    symbol: trade.symbol,
    kind: KINDS.find((kind) => isBought && kind === trade.option_type) ?? trade.direction,
    asset_type: trade.asset_type,
    quantity: trade.quantity,
    multiplier: trade.multiplier ?? '',
    entry_price: trade.entry_price ?? '',
    entry_at: when(trade.entry_at),
    exit_price: trade.exit_price ?? '',
    exit_at: when(trade.exit_at),
    stop_loss: trade.stop_loss ?? '',
    take_profit: trade.take_profit ?? '',
    fees: nonZero(trade.fees),
    swap: nonZero(trade.swap),
    pnl: trade.pnl_source === 'broker' ? (trade.pnl ?? '') : '',
    tags: trade.tags.join(', '),
    notes: trade.notes ?? '',
  };
}

const nonZero = (amount: string): string => (sign(amount) === 0 ? '' : amount);

/** What is sent for a new trade. */
export function bodyOf(form: TradeForm, zone: string): CreateTrade {
  const when = (local: string) => momentOf(zone, local)?.toISOString() ?? null;
  const isRight = form.kind === 'CALL' || form.kind === 'PUT';
  return {
    account_id: form.account_id,
    symbol: form.symbol.trim(),
    direction: form.kind === 'SHORT' ? 'SHORT' : 'LONG',
    asset_type: isRight ? 'option' : form.asset_type,
    option_type: form.kind === 'CALL' || form.kind === 'PUT' ? form.kind : null,
    quantity: form.quantity,
    multiplier: form.multiplier || null,
    entry_price: form.entry_price,
    entry_at: when(form.entry_at),
    exit_price: form.exit_price || null,
    exit_at: form.exit_at === '' ? null : when(form.exit_at),
    stop_loss: form.stop_loss || null,
    take_profit: form.take_profit || null,
    fees: form.fees || '0',
    swap: form.swap || '0',
    pnl: form.pnl || null,
    tags: tagsOf(form.tags),
    notes: form.notes.trim() || null,
  };
}

/**
 * What the form says otherwise than the trade does: times are typed to the minute, and
 * whoever tells size, prices or times anew gives up the single executions.
 */
export function changesOf(trade: Trade, form: TradeForm, zone: string): PatchTrade {
  const { account_id: _, ...before } = bodyOf(formOf(trade, zone), zone);
  const { account_id: __, ...after } = bodyOf(form, zone);
  const told = new Map<string, unknown>(Object.entries(before));
  return Object.fromEntries(
    Object.entries(after).filter(
      ([name, value]) => JSON.stringify(value) !== JSON.stringify(told.get(name)),
    ),
  ) satisfies PatchTrade;
}

export interface Outcome {
  pnl: string | null;
  r: string | null;
  multiplier: string | null;
}

/** What the trade that is being typed in brings, as far as it is told. */
export function outcomeOf(form: TradeForm, currency: string): Outcome {
  const body = bodyOf(form, 'UTC');
  const multiplier = decimal(form.multiplier) ?? usualMultiplier(body.asset_type, body.symbol);
  const [entry, exit] = [decimal(form.entry_price), decimal(form.exit_price)];
  const [quantity, stop] = [decimal(form.quantity), decimal(form.stop_loss)];
  if (entry === null || exit === null) return { pnl: decimal(form.pnl), r: null, multiplier };
  const { direction, asset_type, symbol } = body;
  const way = { direction, entry, exit };
  return {
    pnl:
      decimal(form.pnl) ??
      (quantity && multiplier
        ? netProfit({
            ...way,
            symbol,
            asset_type,
            quantity,
            multiplier,
            fees: decimal(form.fees) ?? '0',
            swap: decimal(form.swap) ?? '0',
            currency,
          })
        : null),
    r: stop && rMultiple({ ...way, stop }),
    multiplier,
  };
}

const decimal = (text: string): string | null => (isDecimal(text) ? text.trim() : null);
