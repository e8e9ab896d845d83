import type { FieldPath, FieldValues, UseFormReturn, UseFormSetError } from 'react-hook-form';

interface FieldFault {
  field: string;
  code: string;
}

/** Shows what the server said about single fields below those fields. */
export function showFaults<Values extends FieldValues>(
  faults: readonly FieldFault[],
  fields: readonly FieldPath<Values>[],
  setError: UseFormSetError<Values>,
): void {
  for (const fault of faults) {
    const field = fields.find((name) => name === fault.field);
    if (field) setError(field, { message: fault.code }, { shouldFocus: true });
  }
}

/** Begins anew with what was saved. What was typed after this was sent stays, and is not saved. */
export function beginAnew<Values extends FieldValues>(
  form: UseFormReturn<Values>,
  saved: Values,
  sent: Values,
): void {
  const typed = Object.entries<unknown>(form.getValues()).filter(
    ([name, value]) => value !== sent[name],
  );
  form.reset(saved);
  for (const [name, value] of typed) {
    form.setValue(name as FieldPath<Values>, value as never, { shouldDirty: true });
  }
}
