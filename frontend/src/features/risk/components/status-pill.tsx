import { createContext, type ReactNode, use } from 'react';
import { useTranslations } from 'use-intl';
import type { RiskStatus } from '@/api/types';
import { Pill } from '@/components/pill';
import { useSecondsSince } from '@/lib/time';
import { LOOKS, shownStatus, TRUSTED_S } from '../status';

const Outdated = createContext(false);

/** Whether what is shown here may be old, because nothing new arrives. */
export const useIsOutdated = (): boolean => use(Outdated);

interface FreshnessProps {
  /** When the answer came, in milliseconds since 1970. */
  receivedAt: number;
  children: ReactNode;
}

/** What nobody renews stops being safe, whatever keeps the news away. */
export function Freshness({ receivedAt, children }: FreshnessProps) {
  const age = useSecondsSince(new Date(receivedAt).toISOString());
  return <Outdated value={age > TRUSTED_S}>{children}</Outdated>;
}

interface StatusPillProps {
  status: RiskStatus;
  /** By the last figures, beside a status that says they are old. */
  lastKnown?: RiskStatus | null | undefined;
}

/** Icon, word and colour of a status; of an old one also what it was. */
export function StatusPill({ status, lastKnown }: StatusPillProps) {
  const t = useTranslations('riskWords');
  const isOutdated = useIsOutdated();
  const shown = shownStatus(status, isOutdated);
  const known = shown === 'stale' ? (lastKnown ?? (status === 'stale' ? null : status)) : null;
  return (
    <span className="inline-flex flex-wrap items-center gap-x-2 gap-y-0.5">
      <Pill tone={LOOKS[shown].tone} icon={LOOKS[shown].icon}>
        {t(`status.${shown}`)}
      </Pill>
      {known && known !== 'stale' && known !== 'unknown' && (
        <span className="whitespace-nowrap text-muted text-xs">
          {t('lastKnown', { status: t(`status.${known}`) })}
        </span>
      )}
    </span>
  );
}
