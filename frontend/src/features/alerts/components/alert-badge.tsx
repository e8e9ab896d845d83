import { useQuery } from '@tanstack/react-query';
import { Bell } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { unreadQuery } from '../queries';

/** The classes of what opens the inbox. */
export const BADGE =
  'relative inline-flex size-9 touch:size-11 shrink-0 items-center justify-center rounded-card text-muted hover:bg-surface-2 hover:text-ink';

/** Spoken name of what opens the inbox. */
export function useBadgeLabel(): string {
  const t = useTranslations('inbox');
  return t('button', { count: useQuery(unreadQuery).data ?? 0 });
}

/** A bell with the number of unread alerts. */
export function AlertBadge() {
  const unread = useQuery(unreadQuery).data ?? 0;
  return (
    <>
      <Bell aria-hidden size={18} />
      {unread > 0 && (
        <span
          aria-hidden
          className="figures absolute top-0.5 right-0 min-w-4.5 rounded-full bg-negative-fill px-1 text-center font-semibold text-on-fill text-xs leading-4.5"
        >
          {unread > 99 ? '99+' : unread}
        </span>
      )}
    </>
  );
}
