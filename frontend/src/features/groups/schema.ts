import * as v from 'valibot';

export const nameSchema = v.object({
  name: v.pipe(v.string(), v.trim(), v.minLength(1, 'required'), v.maxLength(100, 'too_long')),
});

export type NameForm = v.InferOutput<typeof nameSchema>;
