import { useTranslations } from 'use-intl';
import { Tile } from '@/components/page';
import { useCopyCount } from '../queries';

export function OpenCopiesTile({ accountId }: { accountId: string }) {
  const t = useTranslations('dashboard');
  const open = useCopyCount(accountId, 'open');
  const attention = useCopyCount(accountId, 'attention');
  const isCalm = attention === null || attention === '0';
  return (
    <Tile label={t('openCopies')} hint={isCalm ? undefined : t('needYou', { count: attention })}>
      <span className="figures">{open ?? '…'}</span>
    </Tile>
  );
}
