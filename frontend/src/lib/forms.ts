import type { FieldPath, FieldValues, UseFormSetError } from 'react-hook-form';

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
