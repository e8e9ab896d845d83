import * as v from 'valibot';

const typed = v.pipe(v.string(), v.minLength(1, 'required'));

export const emailSchema = v.object({
  email: v.pipe(v.string(), v.trim(), v.regex(/^[^\s@]+@[^\s@]+\.[^\s@.]+$/, 'invalid_email')),
  password: typed,
});

export const passwordSchema = v.object({
  current_password: typed,
  new_password: v.pipe(v.string(), v.minLength(12, 'too_short'), v.maxLength(128, 'too_long')),
});
