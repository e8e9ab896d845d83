import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import type { Account } from '@/api/types';
import { accountsQuery } from '@/features/accounts/queries';

const Badge = lazy(async () => {
  const { VenueBadge } = await import('@/features/exchange/components/venue-badge');
  return { default: VenueBadge };
});

/** Whose money an account moves, where that is a question. Fetched with the first such account. */
export function VenueBadge({ account }: { account: Pick<Account, 'id' | 'platform'> }) {
  if (account.platform !== 'bingx' && account.platform !== 'paper') return null;
  return (
    <Suspense fallback={null}>
      <Badge account={account} />
    </Suspense>
  );
}

/** The same of one of the user's accounts that is known by its id alone. */
export function AccountVenue({ accountId }: { accountId: string }) {
  const { data } = useQuery({
    ...accountsQuery,
    // No more of it than this, or every new figure of an account would draw its badges anew.
    select: ({ items }) => {
      const account = items.find(({ id }) => id === accountId);
      return account && { id: account.id, platform: account.platform };
    },
  });
  return data ? <VenueBadge account={data} /> : null;
}
