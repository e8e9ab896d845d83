import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import type { Account } from '@/api/types';
import type { VenueMarkProps } from '@/components/venue-mark';
import { accountsQuery } from '@/features/accounts/queries';

const Badge = lazy(async () => {
  const { VenueBadge } = await import('@/features/exchange/components/venue-badge');
  return { default: VenueBadge };
});

const Key = lazy(async () => {
  const { KeyMark } = await import('@/features/exchange/components/key-mark');
  return { default: KeyMark };
});

interface AtVenueProps {
  account: Pick<Account, 'id' | 'platform'>;
}

/** Whose money an account moves, where that is a question. Fetched with the first such account. */
export function VenueBadge({ account }: AtVenueProps) {
  if (account.platform !== 'bingx' && account.platform !== 'paper') return null;
  return (
    <Suspense fallback={null}>
      <Badge account={account} />
    </Suspense>
  );
}

/** Whether the key of an account at an exchange works, and when it was last checked. */
export function KeyMark({ account }: AtVenueProps) {
  if (account.platform !== 'bingx') return null;
  return (
    <Suspense fallback={null}>
      <Key account={account} />
    </Suspense>
  );
}

/** The same of one of the user's accounts that is known by its id alone. */
export function AccountVenue({ accountId, showsKey = false }: VenueMarkProps) {
  const { data } = useQuery({
    ...accountsQuery,
    // No more of it than this, or every new figure of an account would draw its badges anew.
    select: ({ items }) => {
      const account = items.find(({ id }) => id === accountId);
      return account && { id: account.id, platform: account.platform };
    },
  });
  if (!data) return null;
  return (
    <>
      <VenueBadge account={data} />
      {showsKey && <KeyMark account={data} />}
    </>
  );
}
