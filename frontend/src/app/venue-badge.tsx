import { lazy, Suspense } from 'react';
import type { Account } from '@/api/types';
import { prepareTexts } from '@/lib/i18n/provider';

const Badge = lazy(async () => {
  const [{ VenueBadge }] = await Promise.all([
    import('@/features/exchange/components/venue-badge'),
    prepareTexts('exchange'),
  ]);
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
