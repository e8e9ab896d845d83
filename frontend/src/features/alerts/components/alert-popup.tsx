import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { X } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { keys } from '@/api/keys';
import type { Alert, AlertLevels } from '@/api/types';
import { IconButton } from '@/components/ui/button';
import { alertLevelsQuery, isTold, SEVERITIES } from '../levels';
import { SEVERITY_LOOKS } from '../looks';
import { useReadAlert } from '../queries';
import { useAlertText } from '../words';

/** More would cover the page on a phone. */
const MOST_SHOWN = 3;

/** Alerts that just came up, over the page until they are dismissed: those that their reader wants to be told of wherever he is, most urgent first. */
export function AlertPopups({ alerts }: { alerts: Alert[] }) {
  const levels = useQuery(alertLevelsQuery).data;
  if (!levels) return null;
  const told = [...SEVERITIES]
    .reverse()
    .filter((severity) => isTold(levels.popup ?? null, severity))
    .flatMap((severity) => alerts.filter((alert) => alert.severity === severity));
  if (told.length === 0) return null;
  return (
    <div className="fixed right-4 bottom-[calc(4.5rem+env(safe-area-inset-bottom))] left-4 z-20 flex flex-col gap-2 sm:left-auto sm:w-96 md:bottom-4">
      {told.slice(0, MOST_SHOWN).map((alert) => (
        <AlertPopup key={alert.id} alert={alert} levels={levels} />
      ))}
    </div>
  );
}

function AlertPopup({ alert, levels }: { alert: Alert; levels: AlertLevels }) {
  const t = useTranslations('alerts');
  const text = useAlertText();
  const queries = useQueryClient();
  const read = useReadAlert();
  const isInInbox = isTold(levels.inbox, alert.severity);
  const { icon: Icon, className } = SEVERITY_LOOKS[alert.severity];
  const dismiss = () => {
    queries.setQueryData<Alert[]>(keys.toldAlerts, (told) =>
      told?.filter(({ id }) => id !== alert.id),
    );
    // Nowhere else could it be read; unread it would be counted, and not come up again.
    if (!isInInbox) read.mutate(alert.id);
  };
  return (
    <div
      role={alert.severity === 'critical' ? 'alert' : 'status'}
      className="flex items-start gap-3 rounded-card border border-line bg-surface-1 p-3 shadow-overlay"
    >
      <Icon aria-hidden size={20} className={`mt-0.5 shrink-0 ${className}`} />
      <div className="min-w-0 flex-1">
        <p className="font-semibold [overflow-wrap:anywhere]">
          <span className="sr-only">{t(`severity.${alert.severity}`)}: </span>
          {text(alert, undefined).title}
        </p>
        {isInInbox && (
          <Link to="/alerts" onClick={dismiss} className="text-accent text-sm hover:underline">
            {t('toInbox')}
          </Link>
        )}
      </div>
      <div className="-mt-1.5 -mr-1.5">
        <IconButton icon={X} label={t('dismiss')} onClick={dismiss} />
      </div>
    </div>
  );
}
