import { useQuery } from '@tanstack/react-query';
import { countedOf } from '@/features/accounts/counted';
import { accountsQuery } from '@/features/accounts/queries';
import { useDemos } from '@/features/exchange/known-keys';
import type { Counted } from '@/features/stats/filter';
import { useRemembered } from '@/lib/remembered';

/** The accounts that the overview counts: those that are meant where nobody chose any. Undefined until they are known. */
export function useCounted(): Counted | undefined {
  const accounts = useQuery(accountsQuery).data?.items;
  const demos = useDemos(accounts ?? []);
  const stored = useRemembered('counted');
  if (!accounts || !demos) return undefined;
  const counted = countedOf(accounts, demos, stored);
  return { accounts: accounts.filter(({ id }) => counted.has(id)), all: accounts.length };
}
