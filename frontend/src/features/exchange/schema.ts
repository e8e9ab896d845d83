import * as v from 'valibot';

/** As BingX issues them; what is around it came along when it was copied. */
const secret = v.pipe(
  v.string(),
  v.trim(),
  v.minLength(1, 'required'),
  v.maxLength(256, 'too_long'),
  v.regex(/^[A-Za-z0-9_-]+$/, 'invalid_key'),
);

export const keySchema = v.object({
  environment: v.picklist(['demo', 'live']),
  api_key: secret,
  api_secret: secret,
});

export type KeyForm = v.InferOutput<typeof keySchema>;

export const venueAccountSchema = v.object({
  name: v.pipe(v.string(), v.trim(), v.minLength(1, 'required'), v.maxLength(100, 'too_long')),
  copy_role: v.picklist(['follower', 'master', 'none']),
});

export type VenueAccountForm = v.InferOutput<typeof venueAccountSchema>;

export const leverageSchema = v.object({
  leverage: v.pipe(
    v.string(),
    v.trim(),
    v.check((text) => /^\d{1,3}$/.test(text) && Number(text) >= 1 && Number(text) <= 150, 'to_150'),
  ),
});

/** Percent of a price, up to ten; empty: as usual. */
export const slippageSchema = v.object({
  percent: v.pipe(
    v.string(),
    v.trim(),
    v.check(
      (text) => text === '' || (/^\d{1,2}(\.\d{1,6})?$/.test(text) && Number(text) <= 10),
      'to_10_percent',
    ),
  ),
});

export type SlippageForm = v.InferOutput<typeof slippageSchema>;

export type LeverageForm = v.InferOutput<typeof leverageSchema>;
