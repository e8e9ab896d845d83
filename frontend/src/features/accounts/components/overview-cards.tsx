import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import type { Account } from '@/api/types';
import { Money } from '@/components/figures';
import { Presence } from '@/components/presence';

interface OverviewCardsProps {
  accounts: Account[];
  /** An account's worst rule. */
  room: (accountId: string) => ReactNode;
  /** Whose money it is, where that is a question. */
  badge: (account: Account) => ReactNode;
  /** Whether its key works, where it has one. */
  keyState: (account: Account) => ReactNode;
  /** The figure beside equity. */
  figure: (account: Account) => { name: string; value: ReactNode };
}

/** A card for each account: how it is now. */
export function OverviewCards({ accounts, room, badge, keyState, figure }: OverviewCardsProps) {
  return (
    <ul className="grid gap-3 sm:grid-cols-2 xl:grid-cols-3">
      {accounts.map((account) => (
        <li key={account.id}>
          <AccountCard
            account={account}
            room={room(account.id)}
            badge={badge(account)}
            keyState={keyState(account)}
            figure={figure(account)}
          />
        </li>
      ))}
    </ul>
  );
}

interface AccountCardProps {
  account: Account;
  room: ReactNode;
  badge: ReactNode;
  keyState: ReactNode;
  figure: { name: string; value: ReactNode };
}

function AccountCard({ account, room, badge, keyState, figure }: AccountCardProps) {
  const t = useTranslations();
  return (
    <article className="relative flex h-full flex-col gap-2 rounded-card border border-line bg-surface-1 p-4 hover:border-edge">
      <div className="flex items-start justify-between gap-3">
        <h2 className="min-w-0 font-semibold [overflow-wrap:anywhere]">
          <Link
            to="/dashboard/$accountId"
            params={{ accountId: account.id }}
            // The whole card leads there; what stands in it stays reachable.
            className="after:absolute after:inset-0 hover:underline"
          >
            {account.name}
          </Link>
        </h2>
        {badge}
      </div>
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-muted text-sm">
        <span>{t(`accounts.platforms.${account.platform}`)}</span>
        <Presence {...account} />
        {keyState}
      </p>
      <dl className="flex flex-wrap items-start justify-between gap-x-4 gap-y-1">
        <div>
          <dt className="text-muted text-sm">
            {t(account.equity === null ? 'overview.balance' : 'overview.equity')}
          </dt>
          <dd className="font-semibold text-lg">
            <Money value={account.equity ?? account.balance} currency={account.currency} />
          </dd>
        </div>
        <div className="text-right">
          <dt className="text-muted text-sm">{figure.name}</dt>
          <dd className="text-lg">{figure.value}</dd>
        </div>
      </dl>
      <div className="relative z-[1] mt-auto w-fit empty:hidden">{room}</div>
    </article>
  );
}
