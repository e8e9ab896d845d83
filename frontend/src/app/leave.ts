import type { QueryClient } from '@tanstack/react-query';
import { onSessionChange, sessionState } from '@/api/session';
import type { AppRouter } from './router';

/** Shows the sign-in when a session ends, and remembers the page if it ended by itself. */
export function watchSession(router: AppRouter, queries: QueryClient): () => void {
  let wasSignedIn = false;
  return onSessionChange(() => {
    const session = sessionState();
    // Who was not signed in is redirected by the guard of the page.
    const isLoss = wasSignedIn && session.status === 'signed_out';
    wasSignedIn = session.status === 'signed_in';
    if (!isLoss) return;
    queries.clear();
    const isExpired = session.because === 'expired';
    const next = router.state.location.href;
    const left = router.navigate({
      to: '/login',
      search: isExpired ? { next, expired: true } : {},
    });
    // What the page asked while it was still there is of nobody.
    void left.then(() => queries.clear());
  });
}
