import { useTranslations } from 'use-intl';
import { Delta, Money } from '@/components/figures';
import { Tile, Tiles } from '@/components/page';
import type { Sums } from '../sums';

/** What the accounts of one currency hold now. */
export function OverviewTiles({ sums }: { sums: Sums }) {
  const t = useTranslations('overview');
  const { currency, silent, online, accounts } = sums;
  return (
    <Tiles>
      <Tile label={t('balance')}>
        <Money value={sums.balance} currency={currency} />
      </Tile>
      <Tile label={t('equity')} {...(silent > 0 && { hint: t('partly', { count: silent }) })}>
        <Money value={sums.equity} currency={currency} />
      </Tile>
      <Tile label={t('floating')}>
        <Delta value={sums.floating} currency={currency} />
      </Tile>
      <Tile label={t('online')}>
        <span className="figures">{t('of', { count: online, all: accounts })}</span>
      </Tile>
    </Tiles>
  );
}
