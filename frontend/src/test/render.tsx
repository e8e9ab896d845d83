import { createMemoryHistory } from '@tanstack/react-router';
import { render } from '@testing-library/react';
import userEvent, { type UserEvent } from '@testing-library/user-event';
import { reset } from '@/api/session';
import { Stream } from '@/api/stream/stream';
import { watchSession } from '@/app/leave';
import { App } from '@/app/providers';
import { createQueries } from '@/app/queries';
import { createAppRouter } from '@/app/router';
import { prepareLanguage } from '@/lib/i18n/provider';
import { type Locale, setLanguage } from '@/lib/preferences';

interface Shown {
  user: UserEvent;
  queries: ReturnType<typeof createQueries>;
  path: () => string;
}

/** Opens an address of the whole application, as a browser would. */
export async function open(address: string, language: Locale = 'en'): Promise<Shown> {
  reset();
  await prepareLanguage(language);
  setLanguage(language);
  const queries = createQueries();
  queries.setDefaultOptions({
    ...queries.getDefaultOptions(),
    queries: { retry: false, networkMode: 'always' },
  });
  const router = createAppRouter(queries, createMemoryHistory({ initialEntries: [address] }));
  watchSession(router, queries);
  render(<App queries={queries} stream={new Stream(queries)} router={router} />);
  return { user: userEvent.setup(), queries, path: () => router.state.location.href };
}
