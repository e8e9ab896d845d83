import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Suspense } from 'react';
import { useTranslations } from 'use-intl';
import { AccountTicks } from '@/components/account-ticks';
import { NoValue } from '@/components/figures';
import { PageHeader } from '@/components/page';
import { TimeZoneNote } from '@/components/time';
import { accountsQuery } from '@/features/accounts/queries';
import { AccountRoom } from '@/features/risk/components/account-room';
import { Comparison } from '@/features/stats/components/comparison';
import { byLevel } from '@/features/stats/levels';

const route = getRouteApi('/signed-in/compare');

/** Compared unless others are ticked. */
const FIRST = 4;
const MOST = 10;

export function ComparePage() {
  const t = useTranslations('stats.compare');
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const accounts = byLevel(useQuery(accountsQuery).data?.items ?? []);
  const ticked = new Set(search.accounts ?? accounts.slice(0, FIRST).map(({ id }) => id));
  const shown = accounts.flatMap(({ id }) => (ticked.has(id) ? [id] : [])).slice(0, MOST);
  return (
    <>
      <PageHeader title={t('title')} intro={t('intro')} />
      <AccountTicks
        label={t('which', { most: MOST })}
        accounts={accounts}
        ticked={new Set(shown)}
        onChange={(next) => void navigate({ search: { accounts: [...next] }, replace: true })}
      />
      <Comparison
        accountIds={shown}
        standing={(accountId) => (
          <Suspense fallback={<NoValue />}>
            <AccountRoom accountId={accountId} />
          </Suspense>
        )}
      />
      <TimeZoneNote />
    </>
  );
}
