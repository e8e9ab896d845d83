import { Link } from '@tanstack/react-router';
import { useTranslations } from 'use-intl';
import type { Copy } from '@/api/types';
import type { Column } from '@/components/data-table';
import { DatedMoment } from '@/components/dated-moment';
import { Delta, Figure } from '@/components/figures';
import { Floating } from '@/components/floating';
import { Side } from '@/components/side';
import { VenueMark } from '@/components/venue-mark';
import { pricePlaces } from '../prices';
import type { CopyGroup } from '../states';
import { CopyPrice, CopyReason, CopySize, CopyStatePill, Limits } from './copy-parts';

/** The columns of each list of copies. `all` is a master's: copies of every follower. */
export function useCopyColumns(group: CopyGroup | 'all', currency: string): Column<Copy>[] {
  const t = useTranslations('copies.columns');
  const columns = {
    symbol: { id: 'symbol', header: t('symbol'), phone: 'title', cell: SymbolLink },
    follower: {
      id: 'follower',
      header: t('follower'),
      phone: 'detail',
      cell: (copy) => (
        <span className="inline-flex spread:min-w-28 flex-wrap items-center gap-x-2">
          <span className="[overflow-wrap:anywhere]">{copy.follower_name}</span>
          <VenueMark accountId={copy.follower_account_id} showsKey />
        </span>
      ),
    },
    side: { id: 'side', header: t('side'), phone: 'detail', cell: (copy) => <Side {...copy} /> },
    size: {
      id: 'size',
      header: t('size'),
      align: 'right',
      phone: 'detail',
      cell: (copy) => <CopySize copy={copy} />,
    },
    open: {
      id: 'open',
      header: t('open'),
      align: 'right',
      phone: 'wide',
      cell: (copy) => <CopyPrice copy={copy} />,
    },
    close: {
      id: 'close',
      header: t('close'),
      align: 'right',
      phone: 'wide',
      cell: (copy) => <Figure value={copy.close_price} places={pricePlaces(copy)} />,
    },
    limits: { id: 'limits', header: t('limits'), align: 'right', phone: 'wide', cell: Limits },
    time: {
      id: 'time',
      header: t('time'),
      phone: 'detail',
      cell: (copy) => <DatedMoment at={copy.created_at} />,
    },
    state: {
      id: 'state',
      header: t('state'),
      phone: 'state',
      cell: (copy) => <CopyStatePill state={copy.state} />,
    },
    floating: {
      id: 'floating',
      header: t('floating'),
      align: 'right',
      phone: 'figure',
      cell: (copy) => copy.open_lots !== '0' && <Floating position={copy} currency={currency} />,
    },
    result: {
      id: 'result',
      header: t('result'),
      align: 'right',
      phone: 'figure',
      cell: (copy) => <Delta value={copy.pnl} currency={currency} />,
    },
    reason: { id: 'reason', header: t('reason'), phone: 'note', cell: CopyReason },
    reasonBelow: { id: 'reason', header: t('reason'), phone: 'below', cell: CopyReason },
  } satisfies Record<string, Column<Copy>>;
  const { symbol, side, size, time, state } = columns;
  switch (group) {
    case 'missed':
    case 'attention':
      return [symbol, side, size, time, state, columns.reason];
    case 'closed':
      return [symbol, side, size, columns.open, columns.close, time, state, columns.result];
    case 'open':
      return [
        ...[symbol, side, size, columns.open, columns.limits, time, state],
        ...[columns.floating, columns.reasonBelow],
      ];
    case 'all':
      return [symbol, columns.follower, side, size, time, state, columns.reasonBelow];
  }
}

function SymbolLink({ id, symbol }: Copy) {
  return (
    <Link
      to="/copies/$copyId"
      params={{ copyId: id }}
      className="font-medium text-accent hover:underline"
    >
      {symbol}
    </Link>
  );
}
