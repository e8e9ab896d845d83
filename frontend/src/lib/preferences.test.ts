import { expect, test, vi } from 'vitest';

test('the system’s theme is followed when it is told, and never asked for before', async () => {
  const root = document.documentElement;
  let isDark = false;
  let asked = 0;
  let tell: (event: { matches: boolean }) => void = () => undefined;
  vi.stubGlobal('matchMedia', () => ({
    get matches() {
      asked += 1;
      return isDark;
    },
    addEventListener: (_: 'change', listener: typeof tell) => {
      tell = listener;
    },
  }));
  vi.resetModules();
  const { apply } = await import('./preferences');
  apply();
  isDark = true;
  // Whatever is drawn in between.
  apply();
  expect(root.dataset.theme).toBe('light');
  tell({ matches: true });
  expect(root.dataset.theme).toBe('dark');
  expect(asked).toBe(1);
});
