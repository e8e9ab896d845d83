import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import type { Account } from '@/api/types';
import { exchangeKeysQuery } from '@/features/exchange/known-keys';

/** Accounts as a list to choose from names them: whose money they move cannot be a badge there. */
export function useVenueNames(accounts: readonly Account[]): Account[] {
  const t = useTranslations('venue');
  const isAsked = accounts.some(({ platform }) => platform === 'bingx');
  const keys = useQuery({ ...exchangeKeysQuery, enabled: isAsked }).data?.items ?? [];
  return accounts.map((account) => {
    const key = keys.find(({ account_id }) => account_id === account.id);
    const word = account.platform === 'paper' || key?.simulated ? 'simulated' : key?.environment;
    return word ? { ...account, name: `${account.name} · ${t(word)}` } : account;
  });
}
