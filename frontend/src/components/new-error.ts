import { useState } from 'react';

/**
 * The error of what was pressed in a window since it was opened: what failed before, and was read
 * then, would look like the answer to nothing. Of a form that goes with its window, `isOpen` is left out.
 */
export function useNewError(error: Error | null, isOpen = true): Error | null {
  const [before, setBefore] = useState({ isOpen, error });
  // A window that closes keeps what it says until it is gone.
  if (before.isOpen !== isOpen) setBefore({ isOpen, error: isOpen ? error : before.error });
  return error === before.error ? null : error;
}
