import { type QueryClient, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { client, done, unwrap } from '@/api/client';
import { keys } from '@/api/keys';
import { ApiError } from '@/api/problem';
import { announce, begin, end, renew, sessionState } from '@/api/session';
import type { Login, Register, Session, User } from '@/api/types';
import { changeLanguage } from '@/lib/i18n/provider';
import { hasChosenLanguage, language } from '@/lib/preferences';
import { browserTimeZone } from '@/lib/time';

/** The signed-in user. */
export const meQuery = queryOptions({
  queryKey: keys.me,
  queryFn: ({ signal }) => unwrap(client.GET('/api/v1/me', { signal })),
  staleTime: Number.POSITIVE_INFINITY,
});

/** Whether someone is signed in; after a reload, by the refresh cookie. */
export async function restoreSession(queries: QueryClient): Promise<boolean> {
  if (sessionState().status === 'unknown') {
    const session = await renew().catch(() => {
      throw new ApiError('unreachable', 0, 'The server did not answer.');
    });
    if (session) await enterInOwnLanguage(queries, session);
  }
  return sessionState().status === 'signed_in';
}

export function useLogin() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Login) => unwrap(client.POST('/api/v1/auth/login', { body })),
    onSuccess: (session) => enterInOwnLanguage(queries, session),
  });
}

/** Signs up, and keeps the browser's language and zone for the new user. */
export function useRegister() {
  const queries = useQueryClient();
  return useMutation({
    // The first mail speaks the language of the page.
    mutationFn: (body: Register) =>
      unwrap(client.POST('/api/v1/auth/register', { body: { ...body, language: language() } })),
    onSuccess: async (session) => {
      enter(queries, session);
      const body = { language: language(), time_zone: browserTimeZone() };
      // A nicety: that it failed is no reason to stop someone who just signed up.
      const user = await unwrap(client.PATCH('/api/v1/me', { body })).catch(() => session.user);
      queries.setQueryData(keys.me, user);
    },
  });
}

/** Leaves on this device, in all of its tabs. */
export function useLogout() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () =>
      done(client.POST('/api/v1/auth/logout', { params: { header: { 'X-Flotilla': '1' } } })),
    onSuccess: () => {
      announce('left');
      end('left');
      queries.clear();
    },
  });
}

/** A device on which no language was chosen speaks the user's. */
async function enterInOwnLanguage(queries: QueryClient, session: Session): Promise<void> {
  if (!hasChosenLanguage()) await changeLanguage(session.user.language);
  enter(queries, session);
}

function enter(queries: QueryClient, session: Session): void {
  const { user } = session;
  const before = queries.getQueryData<User>(keys.me);
  // Of whoever was here before nothing is shown.
  if (before && before.id !== user.id) queries.removeQueries();
  queries.setQueryData(keys.me, user);
  announce(user.id);
  begin(session);
}
