import { cleanup, configure } from '@testing-library/react';
import { afterEach, vi } from 'vitest';

// Absent from happy-dom; the pages need only that it can be asked.
vi.stubGlobal(
  'WebSocket',
  class {
    static OPEN = 1;
    readyState = 0;
    close() {}
    send() {}
  },
);

// Charts draw on a canvas, which happy-dom has not; browser tests see them, and the table beside each.
vi.mock('@/components/line-chart', () => ({ default: () => null }));
vi.mock('@/components/floors-chart', () => ({ default: () => null }));
vi.mock('@/components/equity-chart', () => ({ default: () => null }));
vi.mock('@/components/many-lines-chart', () => ({ default: () => null }));

// Lazy routes are compiled on first use, which takes long on a busy machine.
configure({ asyncUtilTimeout: 120_000 });

/** Texts that were shown as their keys. */
const missing: string[] = [];
const { error: tell } = globalThis.console;
globalThis.console.error = (...said: unknown[]) => {
  if (String(said[0]).includes('MISSING_MESSAGE')) missing.push(String(said[0]));
  tell(...said);
};

afterEach(() => {
  cleanup();
  localStorage.clear();
  const [first] = missing.splice(0);
  if (first !== undefined) throw new Error(first);
});
