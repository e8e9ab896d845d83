import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { X } from 'lucide-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Alert } from '@/api/types';
import { IconButton } from '@/components/ui/button';
import { alertLevelsQuery, isTold } from '../levels';
import { SEVERITY_LOOKS } from '../looks';
import { useAlertText } from '../words';

/** An alert that just came up, over the page: only what its reader wants to be told of wherever he is. */
export function AlertPopup({ alert }: { alert: Alert }) {
  const t = useTranslations('alerts');
  const text = useAlertText();
  const [dismissed, setDismissed] = useState<string | null>(null);
  const levels = useQuery(alertLevelsQuery).data;
  const isShown = levels && isTold(levels.popup ?? null, alert.severity) && dismissed !== alert.id;
  if (!isShown) return null;
  const { icon: Icon, className } = SEVERITY_LOOKS[alert.severity];
  const dismiss = () => setDismissed(alert.id);
  return (
    <div
      role={alert.severity === 'critical' ? 'alert' : 'status'}
      className="fixed right-4 bottom-[calc(4.5rem+env(safe-area-inset-bottom))] left-4 z-20 flex items-start gap-3 rounded-card border border-line bg-surface-1 p-3 shadow-overlay sm:left-auto sm:w-96 md:bottom-4"
    >
      <Icon aria-hidden size={20} className={`mt-0.5 shrink-0 ${className}`} />
      <div className="min-w-0 flex-1">
        <p className="font-semibold [overflow-wrap:anywhere]">
          <span className="sr-only">{t(`severity.${alert.severity}`)}: </span>
          {text(alert, undefined).title}
        </p>
        <Link to="/alerts" onClick={dismiss} className="text-accent text-sm hover:underline">
          {t('toInbox')}
        </Link>
      </div>
      <div className="-mt-1.5 -mr-1.5">
        <IconButton icon={X} label={t('dismiss')} onClick={dismiss} />
      </div>
    </div>
  );
}
