import { useQuery } from '@tanstack/react-query';
import { Plug } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import type { Account } from '@/api/types';
import { Card } from '@/components/page';
import { Empty, Failure, Loading } from '@/components/states';
import { exchangeKeysQuery } from '../known-keys';
import { venueAccountsQuery } from '../queries';
import { ConnectionCard } from './connection-card';

interface ConnectionListProps {
  /** The button for the first one. */
  add: ReactNode;
  /** Asks for the key of an account. */
  onConnect: (account: Account) => void;
}

/** Accounts at exchanges with their keys, those that need their owner first. */
export function ConnectionList({ add, onConnect }: ConnectionListProps) {
  const t = useTranslations('connections');
  const accounts = useQuery(venueAccountsQuery);
  const keys = useQuery(exchangeKeysQuery);
  if (accounts.isPending || keys.isPending) {
    return (
      <Card isFlush>
        <Loading />
      </Card>
    );
  }
  const error = accounts.error ?? keys.error;
  // What was read stays where reading it again failed.
  if (error && !(accounts.data && keys.data)) {
    return (
      <Card isFlush>
        <Failure
          error={error}
          onRetry={() => void Promise.all([accounts.refetch(), keys.refetch()])}
        />
      </Card>
    );
  }
  const found = accounts.data ?? [];
  const items = keys.data?.items ?? [];
  if (found.length === 0) {
    return (
      <Card isFlush>
        <Empty icon={Plug} title={t('empty')} hint={t('emptyHint')} action={add} />
      </Card>
    );
  }
  const keyOf = ({ id }: Account) => items.find(({ account_id }) => account_id === id) ?? null;
  const isIll = (account: Account) => keyOf(account)?.status === 'failed';
  const sorted = [...found].sort((a, b) => Number(isIll(b)) - Number(isIll(a)));
  return (
    <>
      <ul aria-label={t('title')} className="grid items-start gap-4 xl:grid-cols-2">
        {sorted.map((account) => (
          <li key={account.id} className="min-w-0">
            <ConnectionCard
              account={account}
              shown={keyOf(account)}
              onConnect={() => onConnect(account)}
            />
          </li>
        ))}
      </ul>
      <p className="mt-4 text-muted text-sm">{t('count', { count: found.length })}</p>
    </>
  );
}
