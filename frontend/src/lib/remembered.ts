import { useSyncExternalStore } from 'react';

/** What this device remembers for the signed-in user, by name. */
type Name = 'account' | 'counted' | 'keys';

const listeners = new Set<() => void>();
const keyOf = (name: Name): string => `flotilla.${name}`;

function listen(listener: () => void): () => void {
  listeners.add(listener);
  addEventListener('storage', listener);
  return () => {
    listeners.delete(listener);
    removeEventListener('storage', listener);
  };
}

/** Null: nothing yet, or storage is not allowed. */
export function remembered(name: Name): string | null {
  try {
    return localStorage.getItem(keyOf(name));
  } catch {
    return null;
  }
}

/** Null forgets it. */
export function remember(name: Name, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(keyOf(name));
    else localStorage.setItem(keyOf(name), value);
  } catch {
    // A full or forbidden storage: it is only a convenience.
  }
  for (const each of listeners) each();
}

export function useRemembered(name: Name): string | null {
  return useSyncExternalStore(listen, () => remembered(name));
}
