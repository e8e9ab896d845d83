import { useQuery } from '@tanstack/react-query';
import { lazy } from 'react';
import { Later } from '@/components/later';
import { toldAlertsQuery } from '@/features/alerts/levels';
import { prepareTexts } from '@/lib/i18n/provider';

const AlertPopups = lazy(async () => {
  const [{ AlertPopups }] = await Promise.all([
    import('@/features/alerts/components/alert-popup'),
    prepareTexts('alerting'),
  ]);
  return { default: AlertPopups };
});

/** What comes up over any page. Fetched with the first alert that the stream tells of. */
export function Popup() {
  const alerts = useQuery(toldAlertsQuery).data ?? [];
  return (
    <Later isWanted={alerts.length > 0}>
      <AlertPopups alerts={alerts} />
    </Later>
  );
}
