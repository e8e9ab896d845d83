import * as v from 'valibot';
import type { CopySettings, PatchSettings } from '@/api/types';
import { isDecimal, multiply, sign } from '@/lib/decimal';
import { SIZING_MODES } from '@/lib/offered-sizing';

/** What each field of the form holds: text, as a person types it. Empty means no limit. */
const limit = v.pipe(
  v.string(),
  v.trim(),
  v.check(isLimit, 'not_a_number'),
  v.check(isLimitAbove, 'not_positive'),
);
const whole = (code: string, most: number) =>
  v.pipe(
    v.string(),
    v.trim(),
    v.check((text) => text === '' || isWholeUpTo(text, most), code),
  );

export const settingsSchema = v.pipe(
  v.object({
    mode: v.picklist(SIZING_MODES),
    // Looked at below, where it is shown.
    value: v.pipe(v.string(), v.trim()),
    min_lots: limit,
    max_lots: limit,
    lot_step: limit,
    sides: v.picklist(['both', 'buy', 'sell']),
    reverse: v.boolean(),
    copy_sl_tp: v.boolean(),
    on_partial: v.picklist(['close', 'ignore']),
    allow_symbols: v.string(),
    deny_symbols: v.string(),
    units_per_lot: v.pipe(
      v.string(),
      v.check((text) => mapLines(text).every(isUnits), 'invalid_units'),
    ),
    symbol_map: v.pipe(
      v.string(),
      v.check((text) => mapLines(text).every(({ length }) => length === 2), 'invalid_map'),
    ),
    strip_suffix: v.string(),
    add_suffix: v.string(),
    max_open_copies: whole('out_of_range_copies', 10_000),
    max_age_s: v.pipe(whole('out_of_range', 120), v.minLength(1, 'required')),
    max_deviation: limit,
  }),
  v.forward(
    v.check(({ mode, value }) => mode === 'same' || value !== '', 'required'),
    ['value'],
  ),
  v.forward(
    v.check(({ mode, value }) => mode === 'same' || isLimit(value), 'not_a_number'),
    ['value'],
  ),
  v.forward(
    v.check(({ mode, value }) => mode === 'same' || isLimitAbove(value), 'not_positive'),
    ['value'],
  ),
);

export type SettingsValues = v.InferOutput<typeof settingsSchema>;

/** In the order in which they stand on the screen: the first fault gets the focus. */
export const SETTINGS_FIELDS = Object.keys(settingsSchema.entries) as (keyof SettingsValues)[];

/** The field of the form that a field of the API belongs to, and the code to show there. */
export function formFault({ field, code }: { field: string; code: string }) {
  const name = field.replace(/^settings\./, '').replace(/^sizing(\.value)?$/, 'value');
  const isCopies = name === 'max_open_copies' && code === 'out_of_range';
  return { field: name.replace(/[.[].*$/, ''), code: isCopies ? 'out_of_range_copies' : code };
}

export function valuesOf(settings: CopySettings): SettingsValues {
  const { sizing } = settings;
  return {
    mode: sizing.mode,
    value: sizing.mode === 'risk_percent' ? multiply(sizing.value, '100') : sizing.value,
    min_lots: settings.min_lots ?? '',
    max_lots: settings.max_lots ?? '',
    lot_step: settings.lot_step ?? '',
    sides: settings.sides,
    reverse: settings.reverse,
    copy_sl_tp: settings.copy_sl_tp,
    on_partial: settings.on_partial,
    allow_symbols: (settings.allow_symbols ?? []).join(', '),
    deny_symbols: (settings.deny_symbols ?? []).join(', '),
    symbol_map: Object.entries(settings.symbol_map)
      .map(([from, to]) => `${from} = ${to}`)
      .join('\n'),
    units_per_lot: Object.entries(settings.units_per_lot)
      .map(([name, units]) => `${name} = ${units}`)
      .join('\n'),
    strip_suffix: settings.strip_suffix ?? '',
    add_suffix: settings.add_suffix ?? '',
    max_open_copies: settings.max_open_copies?.toString() ?? '',
    max_age_s: String(settings.max_age_s),
    max_deviation: settings.max_deviation ? multiply(settings.max_deviation, '100') : '',
  };
}

/** All settings, so that what was emptied is taken away. */
export function patchOf(values: SettingsValues): PatchSettings {
  const { mode, sides, reverse, copy_sl_tp, on_partial } = values;
  const isPercent = mode === 'risk_percent';
  return {
    sizing:
      mode === 'same'
        ? { mode }
        : { mode, value: isPercent ? multiply(values.value, '0.01') : values.value },
    min_lots: orNull(values.min_lots),
    max_lots: orNull(values.max_lots),
    lot_step: orNull(values.lot_step),
    sides,
    reverse,
    copy_sl_tp,
    on_partial,
    allow_symbols: names(values.allow_symbols),
    deny_symbols: names(values.deny_symbols),
    symbol_map: Object.fromEntries(mapLines(values.symbol_map)),
    units_per_lot: Object.fromEntries(mapLines(values.units_per_lot)),
    strip_suffix: orNull(values.strip_suffix),
    add_suffix: orNull(values.add_suffix),
    max_open_copies: values.max_open_copies === '' ? null : Number(values.max_open_copies),
    max_age_s: Number(values.max_age_s),
    max_deviation: values.max_deviation === '' ? null : multiply(values.max_deviation, '0.01'),
  };
}

/** A contract of the exchange that stands for a master's instrument. */
export interface ContractChoice {
  instrument: string;
  contract: string;
  /** Coins of one lot, where all brokers have it alike. */
  unitsPerLot: string | null;
}

/** The maps with one more pair each; what was said of the instrument before is replaced. */
export function withContract(
  { symbol_map, units_per_lot }: Pick<SettingsValues, 'symbol_map' | 'units_per_lot'>,
  { instrument, contract, unitsPerLot }: ContractChoice,
) {
  return {
    symbol_map: withPair(symbol_map, instrument, contract),
    units_per_lot:
      unitsPerLot === null ? units_per_lot : withPair(units_per_lot, instrument, unitsPerLot),
  };
}

function withPair(text: string, name: string, value: string): string {
  const others = mapLines(text).filter(([known]) => known !== name);
  return [...others.map(([from, to]) => `${from} = ${to ?? ''}`), `${name} = ${value}`].join('\n');
}

/** Names separated by commas, blanks or lines. */
export function names(text: string): string[] | null {
  const found = text.split(/[\s,;]+/).filter(Boolean);
  return found.length > 0 ? found : null;
}

function mapLines(text: string): string[][] {
  return text
    .split(/[\n,;]+/)
    .filter((line) => line.trim() !== '')
    .map((line) => line.split(/\s*(?:=|→|->)\s*|\s+/).filter(Boolean));
}

/** `XAUUSD = 100` */
function isUnits([name, units, ...rest]: string[]): boolean {
  if (name === undefined || units === undefined || rest.length > 0) return false;
  return isDecimal(units) && sign(units) > 0;
}

function orNull(text: string): string | null {
  const trimmed = text.trim();
  return trimmed === '' ? null : trimmed;
}

function isLimit(text: string): boolean {
  return text === '' || isDecimal(text);
}

/** What is no number is said to be none, no more. */
function isLimitAbove(text: string): boolean {
  return !isDecimal(text) || sign(text) > 0;
}

function isWholeUpTo(text: string, most: number): boolean {
  return /^\d{1,6}$/.test(text) && Number(text) >= 1 && Number(text) <= most;
}
