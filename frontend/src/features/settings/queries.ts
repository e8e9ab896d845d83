import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { client, done, unwrap } from '@/api/client';
import { keys } from '@/api/keys';
import { announce, end } from '@/api/session';
import type { ChangeEmail, ChangePassword, PatchMe } from '@/api/types';

/** Changes name, language or zone of the signed-in user. */
export function useSaveMe() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: PatchMe) => unwrap(client.PATCH('/api/v1/me', { body })),
    onSuccess: (user) => queries.setQueryData(keys.me, user),
  });
}

/** Everything that is kept of the user, as a file. */
export async function exportMe(): Promise<Blob> {
  return unwrap(client.GET('/api/v1/me/export', { parseAs: 'blob' }));
}

/** Erases the user; with that the session is over. */
export function useEraseMe() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (password: string) => done(client.DELETE('/api/v1/me', { body: { password } })),
    onSuccess: () => {
      announce('left');
      end('left');
      queries.clear();
    },
  });
}

/** Devices that are signed in. */
export const sessionsQuery = queryOptions({
  queryKey: keys.sessions,
  queryFn: ({ signal }) => unwrap(client.GET('/api/v1/me/sessions', { signal })),
});

/** Signs a device out. */
export function useEndSession() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      done(
        client.DELETE('/api/v1/me/sessions/{session_id}', {
          params: { path: { session_id: id } },
        }),
      ),
    // One that is gone already is gone from the list too.
    onSettled: () => queries.invalidateQueries({ queryKey: keys.sessions }),
  });
}

/** Asks for the mail that confirms the own address once more. */
export function useResendVerification() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => done(client.POST('/api/v1/me/email/verify')),
    // It may have been confirmed elsewhere.
    onError: () => queries.invalidateQueries({ queryKey: keys.me }),
  });
}

/** Asks for a mail to another address. */
export function useChangeEmail() {
  return useMutation({
    mutationFn: (body: ChangeEmail) => done(client.POST('/api/v1/me/email', { body })),
  });
}

/** Changes the password; the access token of before is renewed by the next call. Keys and links end with it. */
export function useChangePassword() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: ChangePassword) => done(client.POST('/api/v1/me/password', { body })),
    onSuccess: () =>
      Promise.all(
        [keys.sessions, keys.personalKeys, keys.shares].map((queryKey) =>
          queries.invalidateQueries({ queryKey }),
        ),
      ),
  });
}
