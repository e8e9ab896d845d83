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
import { prepareTexts } from '@/lib/i18n/provider';
import { remember, remembered, useRemembered } from '@/lib/remembered';
import { KeyMark, VenueBadge } from './venue-badge';

/** After the figures: nobody waits for it who has no rules yet. */
const FleetBar = lazy(async () => {
  const { FleetBar } = await import('@/features/risk/components/fleet-bar');
  return { default: FleetBar };
});

const AccountRoom = lazy(async () => {
  const { AccountRoom } = await import('@/features/risk/components/account-room');
  return { default: AccountRoom };
});

/** When somebody chooses. */
const AccountTicks = lazy(async () => {
  const { AccountTicks } = await import('@/components/account-ticks');
  return { default: AccountTicks };
});

/** After what accounts report: what their trades brought. */
const OverviewFigures = lazy(async () => {
  const [{ OverviewFigures }] = await Promise.all([
    import('@/features/stats/components/overview-figures'),
    prepareTexts('journal'),
  ]);
  return { default: OverviewFigures };
});

/** When all is to be told in one currency. */
const OverviewConverted = lazy(async () => {
  const [{ OverviewConverted }] = await Promise.all([
    import('@/features/stats/components/overview-converted'),
    prepareTexts('journal', 'statistics'),
  ]);
  return { default: OverviewConverted };
});

/** After the figures, with the words of the journal. */
const RecentTrades = lazy(async () => {
  const [{ RecentTrades }] = await Promise.all([
    import('@/features/trades/components/recent-trades'),
    prepareTexts('journal'),
  ]);
  return { default: RecentTrades };
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
  if (!demos) return <Loading rows={8} />;
  const counted = countedOf(accounts, demos, stored);
  const own = accounts.filter(({ id }) => counted.has(id));
  const sums = sumsOf(own);
  return (
    <div className="flex flex-col">
      <Suspense fallback={null}>
        <FleetBar />
      </Suspense>
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
          room={(accountId) => (
            <Suspense fallback={null}>
              <AccountRoom accountId={accountId} isBare />
            </Suspense>
          )}
        />
        {own.length > 0 && (
          <Suspense fallback={<Loading />}>
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
          </Suspense>
        )}
      </div>
    </div>
  );
}

/** What the accounts of one currency hold and have brought. */
function OneCurrency({ sums, accounts }: { sums: Sums; accounts: Account[] }) {
  const own = accounts.filter(({ currency }) => currency === sums.currency);
  return (
    <div>
      <OverviewTiles sums={sums} />
      <Suspense fallback={<Loading rows={2} />}>
        <OverviewFigures currency={sums.currency} accountIds={own.map(({ id }) => id)} />
      </Suspense>
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
