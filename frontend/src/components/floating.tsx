import { useTranslations } from 'use-intl';
import type { Copy } from '@/api/types';
import { Delta } from './figures';

type Position = Pick<Copy, 'floating_pnl' | 'floating_pnl_estimated' | 'floating_pnl_unknown'>;

/** What an open position would bring now, or that it is not known and why. */
export function Floating({ position, currency }: { position: Position; currency: string }) {
  const t = useTranslations('floating');
  const { floating_pnl, floating_pnl_estimated, floating_pnl_unknown } = position;
  if (!floating_pnl) {
    const why = t(`unknown.${floating_pnl_unknown ?? 'no_price'}`);
    return (
      <span className="text-muted" title={why}>
        <span aria-hidden>{t('none')}</span>
        <span className="sr-only">{why}</span>
      </span>
    );
  }
  if (!floating_pnl_estimated) return <Delta value={floating_pnl} currency={currency} />;
  return (
    <span className="whitespace-nowrap" title={t('estimated')}>
      <span aria-hidden className="text-muted">
        ≈{' '}
      </span>
      <Delta value={floating_pnl} currency={currency} />
      <span className="sr-only"> {t('estimated')}</span>
    </span>
  );
}
