import { useTranslations } from 'use-intl';
import { Card, PageHeader } from '@/components/page';
import { TimeZoneNote } from '@/components/time';
import { Inbox } from '../inbox-list';

export function AlertsPage() {
  const t = useTranslations('alerts');
  return (
    <>
      <PageHeader title={t('title')} intro={t('intro')} />
      <Card isFlush>
        <Inbox />
      </Card>
      <TimeZoneNote />
    </>
  );
}
