import { useTranslations } from 'use-intl';
import type { Copy } from '@/api/types';
import { Delta, Figure, NoValue } from '@/components/figures';
import { Floating } from '@/components/floating';
import { Tile, Tiles } from '@/components/page';
import { add, isDecimal, negated, sign } from '@/lib/decimal';
import { totalOf, useMs } from '../latency';
import { CopyPrice, CopySize } from './copy-parts';

interface CopyTilesProps {
  copy: Copy;
  currency: string;
}

/** The first glance at a copy: how much, at what price, with what result, how fast. */
export function CopyTiles({ copy, currency }: CopyTilesProps) {
  const t = useTranslations('copy.tiles');
  const ms = useMs();
  const total = totalOf(copy.latency_ms);
  const isOpen = sign(copy.open_lots) > 0;
  return (
    <Tiles>
      <Tile label={t('size')} hint={<Held copy={copy} isOpen={isOpen} />}>
        <CopySize copy={copy} />
      </Tile>
      <Tile label={t('price')} hint={<Slippage copy={copy} />}>
        <CopyPrice copy={copy} />
      </Tile>
      <Tile label={t(isOpen ? 'floating' : 'result')}>
        {isOpen ? (
          <Floating position={copy} currency={currency} />
        ) : (
          <Delta value={copy.pnl} currency={currency} />
        )}
      </Tile>
      <Tile label={t('way')} hint={total === null ? undefined : t('wayHint')}>
        {total === null ? <NoValue /> : <span className="figures">{ms(total)}</span>}
      </Tile>
    </Tiles>
  );
}

/** How much there is of it: at an exchange in coins. */
function Held({ copy, isOpen }: { copy: Copy; isOpen: boolean }) {
  const t = useTranslations('copy');
  if (copy.quantity_unit === 'coins' && copy.quantity) {
    return t('coins', { quantity: copy.quantity });
  }
  return isOpen ? t('tiles.stillOpen', { lots: copy.open_lots }) : null;
}

/** How much better or worse than the master the follower entered. */
function Slippage({ copy }: { copy: Copy }) {
  const t = useTranslations('copy.tiles');
  const { open_price, master_price, side } = copy;
  if (!open_price) return copy.opened_lots ? t('noPrice') : null;
  if (!isDecimal(open_price)) return null;
  const dearer = add(open_price, negated(master_price));
  const direction = sign(dearer);
  if (direction === 0) return t('samePrice');
  const isWorse = direction > 0 === (side === 'BUY');
  const value = dearer.replace('-', '');
  return t.rich(isWorse ? 'worse' : 'better', { value: () => <Figure value={value} /> });
}
