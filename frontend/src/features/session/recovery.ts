import { useMutation, useQueryClient } from '@tanstack/react-query';
import * as v from 'valibot';
import { client, done, unwrap } from '@/api/client';
import { keys } from '@/api/keys';
import { ApiError } from '@/api/problem';
import { email, newPassword } from './schema';

export const forgotSchema = v.object({ email });
export const resetSchema = v.object({ new_password: newPassword });

/** Whether a link was used, is too old, or lacks a part. */
export const isBrokenLink = (error: Error | null): boolean =>
  error instanceof ApiError &&
  (error.code === 'invalid_link' || error.fields.some(({ field }) => field === 'token'));

/** Asks for a mail. What it answers tells nothing about the address. */
export function useForgot() {
  return useMutation({
    mutationFn: (address: string) =>
      done(client.POST('/api/v1/auth/forgot', { body: { email: address } })),
  });
}

/** Sets a new password with the token of a link. */
export function useReset(token: string) {
  return useMutation({
    mutationFn: (password: string) =>
      done(client.POST('/api/v1/auth/reset', { body: { token, new_password: password } })),
  });
}

/** Confirms an address with the token of a link. */
export function useVerify(token: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => unwrap(client.POST('/api/v1/auth/verify', { body: { token } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: keys.me }),
  });
}
