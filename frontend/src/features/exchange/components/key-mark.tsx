import { useTranslations } from 'use-intl';
import type { Account } from '@/api/types';
import { Ago } from '@/components/time';
import { useExchangeKey } from '../known-keys';
import { KeyStatePill } from './key-state';

/**
 * Beside the name of an account: whether its key works, and when that was last looked at. Says
 * nothing of accounts without an exchange. However many stand on a page, the keys are asked for once.
 */
export function KeyMark({ account }: { account: Pick<Account, 'id' | 'platform'> }) {
  const t = useTranslations('venue');
  const key = useExchangeKey(account);
  if (account.platform !== 'bingx' || key === undefined) return null;
  const at = key?.last_checked_at;
  return (
    <span className="inline-flex flex-wrap items-center gap-x-2 gap-y-0.5 font-normal">
      <KeyStatePill state={key?.status ?? 'none'} />
      {key && (
        <span className="text-muted text-xs">
          {at ? t.rich('checked', { age: () => <Ago at={at} /> }) : t('neverChecked')}
        </span>
      )}
    </span>
  );
}
