import { useQuery } from '@tanstack/react-query';
import { accountsQuery } from '@/features/accounts/queries';
import { AlertList } from '@/features/alerts/components/alert-list';

/** The inbox, with the accounts' names. */
export function Inbox({ onLeave }: { onLeave?: () => void }) {
  const accounts = useQuery(accountsQuery).data?.items ?? [];
  const nameOf = (id: string) => accounts.find((account) => account.id === id)?.name;
  return <AlertList nameOf={nameOf} {...(onLeave && { onLeave })} />;
}
