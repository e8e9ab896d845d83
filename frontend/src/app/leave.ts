import type { QueryClient } from '@tanstack/react-query';
import { onSessionChange, sessionState } from '@/api/session';
import type { AppRouter } from './router';

/** Shows the sign-in when a session ends, and remembers the page if it ended by itself. */
export function watchSession(router: AppRouter, queries: QueryClient): () => void {
  return onSessionChange(() => {
    const session = sessionState();
    const { href, pathname } = router.state.location;
    if (session.status !== 'signed_out' || pathname === '/login' || pathname === '/register')
      return;
    // While the guard itself is asking, it redirects.
    if (router.state.status === 'pending') return;
    queries.clear();
    const search = session.because === 'expired' ? { next: href, expired: true as const } : {};
    void router.navigate({ to: '/login', search });
  });
}
