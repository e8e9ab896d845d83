import { useTranslations } from 'use-intl';
import { NoValue } from '@/components/figures';
import { Tile } from '@/components/page';
import { useCopyCount } from '../queries';

export function OpenCopiesTile({ accountId }: { accountId: string }) {
  const t = useTranslations('dashboard');
  const open = useCopyCount(accountId, 'open');
  const attention = useCopyCount(accountId, 'attention');
  // Without knowing whether some need a person their number would look calm.
  const isUnknown = open === undefined || attention === undefined;
  const isCalm = !attention || attention === '0';
  return (
    <Tile label={t('openCopies')} hint={isCalm ? undefined : t('needYou', { count: attention })}>
      {isUnknown ? <NoValue /> : <span className="figures">{open ?? '…'}</span>}
    </Tile>
  );
}
