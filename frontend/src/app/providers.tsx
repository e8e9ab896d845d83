import { type QueryClient, QueryClientProvider, useQuery } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { type ReactNode, useSyncExternalStore } from 'react';
import { onSessionChange, sessionState } from '@/api/session';
import { StreamProvider } from '@/api/stream/react';
import type { Stream } from '@/api/stream/stream';
import { meQuery } from '@/features/session/queries';
import { LanguageProvider } from '@/lib/i18n/provider';
import type { AppRouter } from './router';

interface AppProps {
  queries: QueryClient;
  stream: Stream;
  router: AppRouter;
}

export function App({ queries, stream, router }: AppProps) {
  return (
    <QueryClientProvider client={queries}>
      <StreamProvider value={stream}>
        <UserLanguage>
          <RouterProvider router={router} />
        </UserLanguage>
      </StreamProvider>
    </QueryClientProvider>
  );
}

/** Texts and times as the signed-in user wants them. */
function UserLanguage({ children }: { children: ReactNode }) {
  // Another user's answer is another query, which nothing here would hear of.
  useSyncExternalStore(onSessionChange, sessionState);
  // Only read: before the sign-in there is nobody to ask for.
  const me = useQuery({ ...meQuery, enabled: false });
  return <LanguageProvider timeZone={me.data?.time_zone}>{children}</LanguageProvider>;
}
