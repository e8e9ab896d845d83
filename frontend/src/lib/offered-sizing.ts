import type { Account, PatchAccount, PatchSettings, SizingMode } from '@/api/types';
import { isDecimal, multiply, sign } from '@/lib/decimal';

type Sent = NonNullable<PatchAccount['default_sizing']>;

/** All there are, in the order in which they are offered. */
export const SIZING_MODES = [
  'same',
  'multiplier',
  'fixed',
  'balance_ratio',
  'equity_ratio',
  'risk_percent',
] as const satisfies readonly SizingMode[];

/** How large copies are to be, as a person types it: a risk is in percent. */
export interface TypedSizing {
  mode: SizingMode;
  value: string;
}

/** What an account that begins to follow is offered. Null: nothing but the master's size. */
export function offeredSizing(account: Pick<Account, 'default_sizing'> | undefined) {
  const offered = account?.default_sizing;
  if (!offered) return null;
  const { mode, value } = offered;
  const typed = mode === 'risk_percent' ? multiply(value, '100') : value;
  return { mode, value: mode === 'same' ? '' : typed } satisfies TypedSizing;
}

/** What is wrong with the value. */
export function sizingFault({ mode, value }: TypedSizing): string | undefined {
  if (mode === 'same') return undefined;
  if (value.trim() === '') return 'required';
  if (!isDecimal(value)) return 'not_a_number';
  return sign(value) > 0 ? undefined : 'not_positive';
}

/** As it is sent; null where the master's size is meant. */
export function sizingOf({ mode, value }: TypedSizing): Sent | null {
  if (mode === 'same') return null;
  return { mode, value: mode === 'risk_percent' ? multiply(value, '0.01') : value.trim() };
}

/** What is sent along when an account begins to follow. */
export function settingsOf(typed: TypedSizing | null): { settings?: PatchSettings } {
  const sizing = typed && sizingOf(typed);
  return sizing ? { settings: { sizing } } : {};
}
