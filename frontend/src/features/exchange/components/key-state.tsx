import { CircleCheck, CircleX, LoaderCircle, type LucideIcon, Unplug } from 'lucide-react';
import { useTranslations } from 'use-intl';
import type { Account, ExchangeKey } from '@/api/types';
import { Pill, type Tone } from '@/components/pill';
import { Ago } from '@/components/time';
import { useExchangeKey } from '../known-keys';

type State = ExchangeKey['status'] | 'none';

const LOOKS: Record<State, { tone: Tone; icon: LucideIcon }> = {
  verified: { tone: 'safe', icon: CircleCheck },
  pending: { tone: 'stale', icon: LoaderCircle },
  failed: { tone: 'critical', icon: CircleX },
  none: { tone: 'neutral', icon: Unplug },
};

export function KeyStatePill({ state }: { state: State }) {
  const t = useTranslations('venue.states');
  return <Pill {...LOOKS[state]}>{t(state)}</Pill>;
}

/** Whether the key of an account works. Says nothing of accounts without an exchange. */
export function KeyState({ account }: { account: Pick<Account, 'id' | 'platform'> }) {
  const key = useExchangeKey(account);
  if (account.platform !== 'bingx' || key === undefined) return null;
  return <KeyStatePill state={key?.status ?? 'none'} />;
}

/** When the exchange last took the key of an account, and how often it is read if it is not told live. */
export function LastCheck({ account }: { account: Pick<Account, 'id' | 'platform'> }) {
  const t = useTranslations('venue');
  const key = useExchangeKey(account);
  const at = key?.last_checked_at;
  if (!at) return null;
  const seconds = key.polled_every_s;
  return (
    <span>
      {t.rich('checked', { age: () => <Ago at={at} /> })}
      {seconds ? ` · ${t('polled', { seconds })}` : null}
    </span>
  );
}
