import { useTranslations } from 'use-intl';
import { Tile } from '@/components/page';
import { useCopies } from '../queries';
import { COPY_GROUPS } from '../states';

export function OpenCopiesTile({ accountId }: { accountId: string }) {
  const t = useTranslations('dashboard');
  const { isPending, copies } = useCopies(accountId, COPY_GROUPS.open);
  return (
    <Tile label={t('openCopies')}>
      <span className="figures">{isPending ? '…' : copies.length}</span>
    </Tile>
  );
}
