import { getRouteApi, Link } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { useTranslations } from 'use-intl';
import type { Account } from '@/api/types';
import { Loading } from '@/components/states';
import { buttonClass } from '@/components/ui/button';
import { Positions } from '@/features/exchange/components/positions';
import { TradeList } from '@/features/trades/components/trade-list';
import { isVenue } from '@/lib/venues';

const route = getRouteApi('/signed-in/dashboard/$accountId');

const OverviewFigures = lazy(async () => {
  const { OverviewFigures } = await import('@/features/stats/components/overview-figures');
  return { default: OverviewFigures };
});

/** Of an account that neither copies nor is copied: what its trades brought, and the trades. */
export function JournalDashboard({ account }: { account: Account }) {
  const t = useTranslations();
  const navigate = route.useNavigate();
  return (
    <div className="flex flex-col gap-4">
      {isVenue(account) && <Positions account={account} />}
      <div className="-mb-4">
        <Suspense fallback={<Loading rows={2} />}>
          <OverviewFigures accountIds={[account.id]} currency={account.currency} />
        </Suspense>
      </div>
      <TradeList
        accounts={new Map([[account.id, account]])}
        filter={{ account_id: account.id }}
        onOpen={({ id }) =>
          void navigate({ to: '/trades', search: { account: account.id, trade: id } })
        }
      />
      <p className="flex flex-wrap gap-2">
        <Link to="/trades" search={{ account: account.id }} className={buttonClass('secondary')}>
          {t('trades.title')}
        </Link>
        <Link
          to="/statistics"
          search={{ account: account.id }}
          className={buttonClass('secondary')}
        >
          {t('nav.statistics')}
        </Link>
      </p>
    </div>
  );
}
