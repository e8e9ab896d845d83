import { useTranslations } from 'use-intl';
import type { Account } from '@/api/types';
import { Ago } from './time';

interface PresenceProps extends Pick<Account, 'online'> {
  last_seen_at?: string | null | undefined;
  /** Says nothing about the past. */
  isBrief?: boolean;
}

/** Whether the terminal is connected: dot, word and, if not, since when. */
export function Presence({ online, last_seen_at, isBrief = false }: PresenceProps) {
  const t = useTranslations('common');
  if (online) {
    return (
      <span className="inline-flex items-center gap-2 whitespace-nowrap text-safe">
        <span aria-hidden className="size-2 rounded-full bg-safe" />
        {t('online')}
      </span>
    );
  }
  return (
    <span className="inline-flex items-center gap-2 whitespace-nowrap text-muted">
      <span aria-hidden className="size-2 rounded-full border border-muted" />
      {t(last_seen_at || isBrief ? 'offline' : 'neverConnected')}
      {last_seen_at && (
        <span className="text-sm">
          · <Ago at={last_seen_at} />
        </span>
      )}
    </span>
  );
}
