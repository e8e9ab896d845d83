import { cleanup } from '@testing-library/react';
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

afterEach(() => {
  cleanup();
  localStorage.clear();
});
