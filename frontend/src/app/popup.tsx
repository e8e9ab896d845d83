import { useQuery } from '@tanstack/react-query';
import { lazy } from 'react';
import { Later } from '@/components/later';
import { newestAlertQuery } from '@/features/alerts/levels';
import { prepareTexts } from '@/lib/i18n/provider';

const AlertPopup = lazy(async () => {
  const [{ AlertPopup }] = await Promise.all([
    import('@/features/alerts/components/alert-popup'),
    prepareTexts('alerting'),
  ]);
  return { default: AlertPopup };
});

/** What comes up over any page. Fetched with the first alert that the stream tells of. */
export function Popup() {
  const alert = useQuery(newestAlertQuery).data ?? null;
  return <Later isWanted={alert !== null}>{alert && <AlertPopup alert={alert} />}</Later>;
}
