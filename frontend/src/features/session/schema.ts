import * as v from 'valibot';

export const email = v.pipe(
  v.string(),
  v.trim(),
  v.regex(/^[^\s@]+@[^\s@]+\.[^\s@.]+$/, 'invalid_email'),
);

export const newPassword = v.pipe(
  v.string(),
  v.minLength(12, 'too_short'),
  v.maxLength(128, 'too_long'),
);

export const loginSchema = v.object({
  email,
  password: v.pipe(v.string(), v.minLength(1, 'required')),
});

export const registerSchema = v.object({
  name: v.pipe(v.string(), v.trim(), v.minLength(1, 'required'), v.maxLength(100, 'too_long')),
  email,
  password: newPassword,
  invite_code: v.optional(v.string()),
});

export type LoginForm = v.InferOutput<typeof loginSchema>;
export type RegisterForm = v.InferOutput<typeof registerSchema>;
