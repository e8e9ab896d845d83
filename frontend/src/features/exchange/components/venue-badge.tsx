import { CircleDollarSign, FlaskConical } from 'lucide-react';
import { useTranslations } from 'use-intl';
import type { Account } from '@/api/types';
import { Pill } from '@/components/pill';
import { useExchangeKey } from '../known-keys';

type AtVenue = Pick<Account, 'id' | 'platform'>;

/** Whose money an account at an exchange moves: real, the demo's, or none. Says nothing of other accounts. */
export function VenueBadge({ account }: { account: AtVenue }) {
  const t = useTranslations();
  const key = useExchangeKey(account);
  if (account.platform === 'paper' || key?.simulated) {
    const hint = key?.simulated ? 'venue.simulatedExchange' : 'venue.simulatedHint';
    return (
      <span title={t(hint)}>
        <Pill tone="caution" icon={FlaskConical}>
          {t('venue.simulated')}
        </Pill>
      </span>
    );
  }
  if (!key) return null;
  if (key.environment === 'demo') {
    return (
      <span title={t('venue.demoHint')}>
        <Pill tone="caution" icon={FlaskConical}>
          {t('venue.demo')}
        </Pill>
      </span>
    );
  }
  const platform = t(`accounts.platforms.${account.platform}`);
  return (
    <span title={t('venue.liveHint', { platform })}>
      <Pill tone="accent" icon={CircleDollarSign}>
        {t('venue.live')}
      </Pill>
    </span>
  );
}
