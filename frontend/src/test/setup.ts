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

// Lazy routes are compiled on first use, which takes long on a busy machine.
configure({ asyncUtilTimeout: 15_000 });

afterEach(() => {
  cleanup();
  localStorage.clear();
});
