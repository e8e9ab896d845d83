import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { ListFilter, Wallet } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Account } from '@/api/types';
import { CurrencySelect } from '@/components/currency-select';
import { Delta } from '@/components/figures';
import { Later } from '@/components/later';
import { Card } from '@/components/page';
import { Empty, Loading } from '@/components/states';
import { OverviewCards } from '@/features/accounts/components/overview-cards';
import { OverviewTiles } from '@/features/accounts/components/overview-tiles';
import { choicesFor, countedOf } from '@/features/accounts/counted';
import { floatingOf, type Sums, sumsOf } from '@/features/accounts/sums';
import { useDemos } from '@/features/exchange/known-keys';
import { AccountRoom } from '@/features/risk/components/account-room';
import { FleetBar } from '@/features/risk/components/fleet-bar';
import { useFleetAwaited } from '@/features/risk/fleet-awaited';
import { OverviewFigures } from '@/features/stats/components/overview-figures';
import { RecentTrades } from '@/features/trades/components/recent-trades';
import { recentTradesQuery } from '@/features/trades/queries';
import { prepareTexts } from '@/lib/i18n/provider';
import { remember, remembered, useRemembered } from '@/lib/remembered';
import { FleetRoom } from './overview-room';
import { KeyMark, VenueBadge } from './venue-badge';

/** When somebody chooses. */
const AccountTicks = lazy(async () => {
  const { AccountTicks } = await import('@/components/account-ticks');
  return { default: AccountTicks };
});

/** When all is to be told in one currency. */
const OverviewConverted = lazy(async () => {
  const [{ OverviewConverted }] = await Promise.all([
    import('@/features/stats/components/overview-converted'),
    prepareTexts('statistics'),
  ]);
  return { default: OverviewConverted };
});

interface OverviewFleetProps {
  accounts: Account[];
  /** What the sums are told in; none: each currency for itself. */
  currency: string | undefined;
  onCurrency: (currency: string | undefined) => void;
}

/** Accounts that count, their figures, and what was traded. */
export function OverviewFleet({ accounts, currency, onCurrency }: OverviewFleetProps) {
  const t = useTranslations('overview');
  const navigate = useNavigate();
  const demos = useDemos(accounts);
  const stored = useRemembered('counted');
  // Its bar stands above all, and its rules in the cards.
  const isAwaited = useFleetAwaited();
  if (!demos || isAwaited) return <FleetRoom />;
  const counted = countedOf(accounts, demos, stored);
  const own = accounts.filter(({ id }) => counted.has(id));
  const sums = sumsOf(own);
  return (
    <div className="flex flex-col">
      <FleetBar />
      {accounts.length > 1 && <Ticks accounts={accounts} demos={demos} counted={counted} />}
      {own.length === 0 && (
        <Card isFlush>
          <Empty icon={Wallet} title={t('nothing')} hint={t('nothingHint')} />
        </Card>
      )}
      {sums.length > 1 && (
        <div className="mb-4 max-w-60">
          <CurrencySelect
            label={t('in')}
            each={t('each')}
            currencies={sums.map((each) => each.currency)}
            value={currency}
            onChange={onCurrency}
          />
        </div>
      )}
      {sums.length > 1 && currency !== undefined ? (
        <Suspense fallback={<Loading rows={4} />}>
          <OverviewConverted currency={currency} accountIds={own.map(({ id }) => id)} />
        </Suspense>
      ) : (
        sums.map((each) => <OneCurrency key={each.currency} sums={each} accounts={own} />)
      )}
      <div className="flex flex-col gap-4">
        <OverviewCards
          accounts={own}
          badge={(account) => <VenueBadge account={account} />}
          keyState={(account) => <KeyMark account={account} />}
          figure={(account) => ({
            name: t('floating'),
            value: <Delta value={floatingOf(account)} currency={account.currency} />,
          })}
          room={(accountId) => <AccountRoom accountId={accountId} isBare />}
        />
        {own.length > 0 && (
          <RecentTrades
            accounts={new Map(own.map((account) => [account.id, account]))}
            onOpen={({ id }) => void navigate({ to: '/trades', search: { trade: id } })}
            words={{
              title: t('recent'),
              empty: t('recentEmpty'),
              emptyHint: t('recentEmptyHint'),
            }}
            aside={
              <Link to="/trades" className="mr-2 text-accent hover:underline">
                {t('all')}
              </Link>
            }
          />
        )}
      </div>
    </div>
  );
}

/** What the accounts of one currency hold and have brought. */
function OneCurrency({ sums, accounts }: { sums: Sums; accounts: Account[] }) {
  const own = accounts.filter(({ currency }) => currency === sums.currency);
  const trades = useQuery({ ...recentTradesQuery, select: ({ items }) => items.length > 1 });
  return (
    <div>
      <OverviewTiles sums={sums} />
      <OverviewFigures
        currency={sums.currency}
        accountIds={own.map(({ id }) => id)}
        hasTrades={trades.data ?? true}
      />
    </div>
  );
}

interface TicksProps {
  accounts: Account[];
  demos: ReadonlySet<string>;
  counted: ReadonlySet<string>;
}

/** Which accounts count, closed until somebody asks. */
function Ticks({ accounts, demos, counted }: TicksProps) {
  const t = useTranslations('overview');
  const [isOpen, setOpen] = useState(false);
  return (
    <details className="mb-3" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="flex h-9 touch:h-11 w-fit cursor-pointer list-none items-center gap-2 rounded-card px-1 text-muted hover:text-ink">
        <ListFilter aria-hidden size={16} />
        {t('choose', { count: counted.size, all: accounts.length })}
      </summary>
      <div className="mt-2">
        <Later isWanted={isOpen}>
          <AccountTicks
            label={t('which')}
            accounts={accounts}
            ticked={counted}
            onChange={(ticked) =>
              remember('counted', choicesFor(accounts, demos, ticked, remembered('counted')))
            }
          />
        </Later>
      </div>
    </details>
  );
}
