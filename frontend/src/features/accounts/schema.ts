import * as v from 'valibot';
import { isDecimal, sign } from '@/lib/decimal';

const name = v.pipe(v.string(), v.trim(), v.minLength(1, 'required'), v.maxLength(100, 'too_long'));

const account = v.object({
  name,
  copy_role: v.picklist(['master', 'follower', 'none']),
  platform: v.picklist([
    'mt4',
    'mt5',
    'bingx',
    'paper',
    'ibkr',
    'tradier',
    'webull',
    'topstepx',
    'tradovate',
    'other',
  ]),
  currency: v.pipe(
    v.string(),
    v.trim(),
    v.toUpperCase(),
    v.regex(/^[A-Z0-9]{2,10}$/, 'invalid_currency'),
  ),
  // Number or name at the broker; empty: not given.
  external_id: v.pipe(v.string(), v.trim(), v.maxLength(100, 'too_long')),
  // Empty means not given.
  starting_balance: v.pipe(v.string(), v.trim(), v.regex(/^(\d+(\.\d+)?)?$/, 'not_a_number')),
  // Name of a preset; empty: none.
  preset: v.string(),
});

/** The rules of a preset are shares of the starting balance. */
export const createSchema = v.pipe(
  account,
  v.forward(
    v.check(({ preset, starting_balance }) => preset === '' || starting_balance !== '', 'required'),
    ['starting_balance'],
  ),
  v.forward(
    v.check(
      ({ preset, starting_balance }) =>
        preset === '' || !isDecimal(starting_balance) || sign(starting_balance) > 0,
      'not_positive',
    ),
    ['starting_balance'],
  ),
);

export const renameSchema = v.object({ name });

export const passwordSchema = v.object({
  password: v.pipe(v.string(), v.minLength(1, 'required')),
});

export type CreateForm = v.InferOutput<typeof createSchema>;
export type RenameForm = v.InferOutput<typeof renameSchema>;
export type PasswordForm = v.InferOutput<typeof passwordSchema>;
