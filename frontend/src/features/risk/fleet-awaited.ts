import { useQuery } from '@tanstack/react-query';
import { fleetQuery } from './fleet-query';

/**
 * Whether the first answer about all accounts is on its way. What it brings stands above lists of accounts and in
 * their rows: coming later, it would move them under a finger. Once it failed nobody waits, whatever is asked again.
 */
export function useFleetAwaited(): boolean {
  const { isLoading, isFetched, failureCount } = useQuery(fleetQuery);
  return isLoading && !isFetched && failureCount === 0;
}
