import { useSyncExternalStore } from 'react';

/** From `md` of the styles on. */
const wide = matchMedia('(min-width: 48rem)');

function listen(listener: () => void): () => void {
  wide.addEventListener('change', listener);
  return () => wide.removeEventListener('change', listener);
}

/** Whether the screen has room for the navigation at its side. */
export const useIsWide = (): boolean => useSyncExternalStore(listen, () => wide.matches);
