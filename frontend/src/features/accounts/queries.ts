import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { client, done, unwrap } from '@/api/client';
import { keys } from '@/api/keys';
import { eachTime, type Once, useOnce } from '@/api/once';
import type { Account, BeginPhase, CreateAccount, Page, PatchAccount } from '@/api/types';

/** All accounts that are not archived. */
export const accountsQuery = queryOptions({
  queryKey: keys.accounts,
  queryFn: ({ signal }): Promise<Page<Account>> =>
    unwrap(client.GET('/api/v1/accounts', { params: { query: { limit: 200 } }, signal })),
});

export function accountQuery(id: string) {
  return queryOptions({
    queryKey: keys.account(id),
    queryFn: ({ signal }): Promise<Account> =>
      unwrap(
        client.GET('/api/v1/accounts/{account_id}', {
          params: { path: { account_id: id } },
          signal,
        }),
      ),
  });
}

/** Version and components of the installation. */
export const statusQuery = queryOptions({
  queryKey: keys.status,
  queryFn: ({ signal }) => unwrap(client.GET('/api/v1/status', { signal })),
  staleTime: 5 * 60_000,
});

export function useCreateAccount() {
  const queries = useQueryClient();
  const write = useOnce(null, (headers: Once, body: CreateAccount) =>
    unwrap(client.POST('/api/v1/accounts', { body, headers })),
  );
  const create = useMutation({
    mutationFn: write,
    // It may be there although its answer was lost.
    onSettled: () => queries.invalidateQueries({ queryKey: keys.accounts }),
  });
  return {
    ...create,
    /** The form was closed: what it sends next is not what it sent before. */
    reset: () => {
      write.forget();
      create.reset();
    },
  };
}

/** What a new account is judged by. */
export interface FirstRules {
  accountId: string;
  phase: BeginPhase;
}

/** Writes the rules that a new account begins with. */
export function useWriteRules() {
  const queries = useQueryClient();
  const write = useOnce(null, (headers: Once, { accountId, phase }: FirstRules) =>
    unwrap(
      client.POST('/api/v1/accounts/{account_id}/phases', {
        params: { path: { account_id: accountId } },
        headers,
        // The document lists the fields of all kinds of rule as if each had them.
        body: phase as never,
      }),
    ),
  );
  return useMutation({
    mutationFn: write,
    onSuccess: (_, { accountId }) =>
      Promise.all([
        queries.invalidateQueries({ queryKey: keys.account(accountId) }),
        queries.invalidateQueries({ queryKey: keys.risks }),
      ]),
  });
}

export function usePatchAccount(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: PatchAccount) =>
      unwrap(
        client.PATCH('/api/v1/accounts/{account_id}', {
          params: { path: { account_id: id } },
          headers: eachTime(),
          body,
        }),
      ),
    onSuccess: (account) => {
      queries.setQueryData(keys.account(id), account);
      return queries.invalidateQueries({ queryKey: keys.accounts });
    },
  });
}

export function useArchiveAccount(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () =>
      done(
        client.DELETE('/api/v1/accounts/{account_id}', { params: { path: { account_id: id } } }),
      ),
    onSuccess: () => {
      queries.removeQueries({ queryKey: keys.account(id) });
      return queries.invalidateQueries({ queryKey: keys.accounts });
    },
  });
}

export function useRotateKey(id: string) {
  const queries = useQueryClient();
  const write = useOnce(id, (headers: Once) =>
    unwrap(
      client.POST('/api/v1/accounts/{account_id}/api-key/rotate', {
        params: { path: { account_id: id } },
        headers,
      }),
    ),
  );
  return useMutation({
    mutationFn: write,
    // It may be replaced although the answer was lost.
    onSettled: () => queries.invalidateQueries({ queryKey: keys.account(id), exact: true }),
  });
}

export function useRevealKey(id: string) {
  return useMutation({
    mutationFn: (password: string) =>
      unwrap(
        client.POST('/api/v1/accounts/{account_id}/api-key/reveal', {
          params: { path: { account_id: id } },
          body: { password },
        }),
      ),
  });
}
