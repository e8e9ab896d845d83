import { useSyncExternalStore } from 'react';

// One timer for every age on the page.
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

function listen(listener: () => void): () => void {
  listeners.add(listener);
  // It stood still while nobody looked.
  if (timer === undefined) now = Date.now();
  timer ??= setInterval(() => {
    now = Date.now();
    for (const each of listeners) each();
  }, 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** Whole seconds since `at`, ticking. Never below zero: clocks differ. */
export function useSecondsSince(at: string): number {
  const then = Date.parse(at);
  return useSyncExternalStore(listen, () => Math.max(0, Math.floor((now - then) / 1000)));
}

/** Whole seconds until `at`, ticking. Zero once it is past. */
export function useSecondsUntil(at: string): number {
  const then = Date.parse(at);
  return useSyncExternalStore(listen, () => Math.max(0, Math.ceil((then - now) / 1000)));
}

/** The browser's zone, such as `Asia/Bangkok`. */
export function browserTimeZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
}
