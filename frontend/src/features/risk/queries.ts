import {
  infiniteQueryOptions,
  type QueryClient,
  queryOptions,
  useMutation,
  useQueryClient,
} from '@tanstack/react-query';
import { client, unwrap } from '@/api/client';
import { keys } from '@/api/keys';
import { type Once, useOnce } from '@/api/once';
import type {
  AccountRisk,
  AccountRules,
  AskWhatIf,
  BeginPhase,
  CashFlowKind,
  Corrections,
  Page,
  PutRules,
  RiskDay,
  Violation,
} from '@/api/types';
import type { Cause } from './balance-change';
import { READ_AGAIN } from './state-queries';

/** How large the next trade may be changes with every price. */
const WHAT_IF_MS = 5_000;
/** Days on a page of the calendar. */
const DAYS = 60;
const path = (accountId: string) => ({ path: { account_id: accountId } });

export function historyQuery(accountId: string) {
  return queryOptions({
    queryKey: keys.riskHistory(accountId),
    queryFn: ({ signal }) =>
      unwrap(
        client.GET('/api/v1/accounts/{account_id}/risk/history', {
          params: path(accountId),
          signal,
        }),
      ),
    ...READ_AGAIN,
  });
}

/** Days of one month, such as `2026-11`: two phases may meet in it, so that some are there twice. */
export function monthOfDaysQuery(accountId: string, month: string) {
  return queryOptions({
    queryKey: [...keys.riskDays(accountId), month],
    queryFn: ({ signal }): Promise<Page<RiskDay>> =>
      unwrap(
        client.GET('/api/v1/accounts/{account_id}/risk/days', {
          params: { ...path(accountId), query: { month, limit: 200 } },
          signal,
        }),
      ),
  });
}

/** Days page by page, newest first. */
export function daysQuery(accountId: string) {
  return infiniteQueryOptions({
    queryKey: keys.riskDays(accountId),
    queryFn: ({ pageParam, signal }): Promise<Page<RiskDay>> =>
      unwrap(
        client.GET('/api/v1/accounts/{account_id}/risk/days', {
          params: {
            ...path(accountId),
            query: { limit: DAYS, ...(pageParam && { cursor: pageParam }) },
          },
          signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
}

/** What was corrected in the running phase. */
export function correctionsQuery(accountId: string) {
  return queryOptions({
    queryKey: keys.corrections(accountId),
    queryFn: ({ signal }): Promise<Corrections> =>
      unwrap(
        client.GET('/api/v1/accounts/{account_id}/corrections', {
          params: path(accountId),
          signal,
        }),
      ),
  });
}

/** Crossed lines page by page, newest first. */
export function violationsQuery(accountId: string) {
  return infiniteQueryOptions({
    queryKey: keys.violations(accountId),
    queryFn: ({ pageParam, signal }): Promise<Page<Violation>> =>
      unwrap(
        client.GET('/api/v1/accounts/{account_id}/violations', {
          params: { ...path(accountId), query: pageParam ? { cursor: pageParam } : {} },
          signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
}

export function rulesQuery(accountId: string) {
  return queryOptions({
    queryKey: keys.rules(accountId),
    queryFn: ({ signal }): Promise<AccountRules> =>
      unwrap(
        client.GET('/api/v1/accounts/{account_id}/rules', { params: path(accountId), signal }),
      ),
  });
}

/** What is known of firms' rules. It changes with a new version only. */
export const templatesQuery = queryOptions({
  queryKey: keys.templates,
  queryFn: ({ signal }) => unwrap(client.GET('/api/v1/risk/templates', { signal })),
  staleTime: Number.POSITIVE_INFINITY,
});

/** What the next trade would be to the accounts of a group. */
export function whatIfQuery(groupId: string, body: AskWhatIf | null) {
  return queryOptions({
    queryKey: [...keys.groupRisk(groupId), 'what-if', body],
    queryFn: ({ signal }) =>
      unwrap(
        client.POST('/api/v1/groups/{group_id}/risk/what-if', {
          params: { path: { group_id: groupId } },
          // Not asked before there is something to ask.
          body: body as AskWhatIf,
          signal,
        }),
      ),
    enabled: body !== null,
    staleTime: WHAT_IF_MS,
    // It is as old as the figures that it was made of.
    refetchInterval: WHAT_IF_MS,
    refetchOnWindowFocus: true,
    placeholderData: (before: unknown) => before as never,
  });
}

export function useBeginPhase(accountId: string) {
  const queries = useQueryClient();
  const write = useOnce(accountId, (headers: Once, body: BeginPhase) =>
    unwrap(
      client.POST('/api/v1/accounts/{account_id}/phases', {
        params: path(accountId),
        headers,
        // The document lists the fields of all kinds of rule as if each had them.
        body: body as never,
      }),
    ),
  );
  return useMutation({
    mutationFn: write,
    onSuccess: (rules) => keepRules(queries, accountId, rules),
  });
}

export function usePutRules(accountId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: PutRules) =>
      unwrap(
        client.PUT('/api/v1/accounts/{account_id}/rules', {
          params: path(accountId),
          body: body as never,
        }),
      ),
    onSuccess: (rules) => keepRules(queries, accountId, rules),
  });
}

export function useConfirmRules(accountId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (version: number) =>
      unwrap(
        client.POST('/api/v1/accounts/{account_id}/rules/confirm', {
          params: path(accountId),
          body: { version },
        }),
      ),
    onSuccess: (rules) => keepRules(queries, accountId, rules),
    onError: () => queries.invalidateQueries({ queryKey: keys.rules(accountId) }),
  });
}

export function useSnapshot(accountId: string) {
  const queries = useQueryClient();
  const write = useOnce(
    accountId,
    (headers: Once, body: { balance: string; equity: string; change?: Cause }) =>
      unwrap(
        client.POST('/api/v1/accounts/{account_id}/snapshots', {
          params: path(accountId),
          headers,
          body,
        }),
      ),
  );
  return useMutation({
    mutationFn: write,
    onSuccess: (risk) => keepRisk(queries, risk),
  });
}

export function usePutDayStart(accountId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ label, ...body }: { label: string; balance: string; equity: string }) =>
      unwrap(
        client.PUT('/api/v1/accounts/{account_id}/day-starts/{label}', {
          params: { path: { account_id: accountId, label } },
          body,
        }),
      ),
    onSuccess: (risk) => keepRisk(queries, risk),
  });
}

export function useNoteCashFlow(accountId: string) {
  const queries = useQueryClient();
  const write = useOnce(
    accountId,
    (headers: Once, body: { kind: CashFlowKind; amount: string; note?: string }) =>
      unwrap(
        client.POST('/api/v1/accounts/{account_id}/cash-flows', {
          params: path(accountId),
          headers,
          body,
        }),
      ),
  );
  return useMutation({
    mutationFn: write,
    onSuccess: (risk) => keepRisk(queries, risk),
  });
}

export function useSetFloor(accountId: string) {
  const queries = useQueryClient();
  const write = useOnce(
    accountId,
    (headers: Once, body: { rule_id: string; floor: string; reason: string }) =>
      unwrap(
        client.POST('/api/v1/accounts/{account_id}/floor-overrides', {
          params: path(accountId),
          headers,
          body,
        }),
      ),
  );
  return useMutation({
    mutationFn: write,
    onSuccess: (risk) => keepRisk(queries, risk),
  });
}

/** It stays in the list; what was crossed meanwhile stays crossed. */
export function useTakeBackFloor(accountId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ id, reason }: { id: string; reason: string }) =>
      unwrap(
        client.POST('/api/v1/accounts/{account_id}/floor-overrides/{override_id}/take-back', {
          params: { path: { account_id: accountId, override_id: id } },
          body: { reason },
        }),
      ),
    onSuccess: (risk) => keepRisk(queries, risk),
  });
}

/** For administrators: everybody else begins a new phase. */
export function useClearViolation(accountId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ id, reason }: { id: string; reason: string }) =>
      unwrap(
        client.POST('/api/v1/accounts/{account_id}/violations/{violation_id}/clear', {
          params: { path: { account_id: accountId, violation_id: id } },
          body: { reason },
        }),
      ),
    onSuccess: (risk) => keepRisk(queries, risk),
  });
}

async function keepRules(queries: QueryClient, accountId: string, rules: AccountRules) {
  queries.setQueryData(keys.rules(accountId), rules);
  await Promise.all([
    queries.invalidateQueries({ queryKey: keys.risk(accountId) }),
    readListsAgain(queries, accountId),
  ]);
}

async function keepRisk(queries: QueryClient, risk: AccountRisk) {
  queries.setQueryData(keys.risk(risk.account_id), risk);
  await readListsAgain(queries, risk.account_id);
}

async function readListsAgain(queries: QueryClient, accountId: string) {
  await Promise.all(
    [
      keys.risks,
      keys.violations(accountId),
      keys.corrections(accountId),
      keys.riskDays(accountId),
      keys.riskHistory(accountId),
      ['group'],
    ].map((queryKey) => queries.invalidateQueries({ queryKey })),
  );
}
