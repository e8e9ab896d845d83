import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import type { SharedFigures, SharedStatistics } from '@/api/types';
import { Delta, Multiple, NoValue, Percent, Ratio } from '@/components/figures';
import { Tile, Tiles } from '@/components/page';
import { useSpanText } from '@/components/time';

interface SharedTilesProps {
  statistics: SharedStatistics;
  figures: Pick<SharedFigures, 'currency' | 'shows_money'>;
}

type Name = Exclude<keyof SharedStatistics, 'wins' | 'losses'>;

const MONEY: ReadonlySet<Name> = new Set<Name>(['total_pnl', 'expectancy', 'max_drawdown']);
const NAMES = [
  'total_pnl',
  'total_pnl_percent',
  'trades',
  'win_rate',
  'profit_factor',
  'payoff',
  'expectancy',
  'average_r',
  'max_drawdown',
  'max_drawdown_percent',
  'sharpe',
  'sortino',
  'average_holding_s',
] as const satisfies Name[];

/** Figures of closed trades; money only where it is shown. */
export function SharedTiles({ statistics, figures }: SharedTilesProps) {
  const t = useTranslations('shares.figures');
  const values = useValues(statistics, figures.currency ?? '');
  const names = NAMES.filter((name) => figures.shows_money || !MONEY.has(name));
  return (
    <Tiles>
      {names.map((name) => (
        <Tile key={name} label={t(name)}>
          {values[name]}
        </Tile>
      ))}
    </Tiles>
  );
}

function useValues(statistics: SharedStatistics, currency: string): Record<Name, ReactNode> {
  const span = useSpanText();
  const { average_r: r, average_holding_s: held, max_drawdown: fall } = statistics;
  return {
    total_pnl: <Delta value={statistics.total_pnl} currency={currency} />,
    total_pnl_percent: <Percent value={statistics.total_pnl_percent} />,
    trades: <span className="figures">{statistics.trades}</span>,
    win_rate: <Percent value={statistics.win_rate} />,
    profit_factor: <Ratio value={statistics.profit_factor} />,
    payoff: <Ratio value={statistics.payoff} />,
    expectancy: <Delta value={statistics.expectancy} currency={currency} />,
    average_r: r === null ? <NoValue /> : <Multiple value={r} />,
    max_drawdown: (
      <Delta value={fall === null ? null : `-${fall.replace('-', '')}`} currency={currency} />
    ),
    max_drawdown_percent: <Percent value={statistics.max_drawdown_percent} />,
    sharpe: <Ratio value={statistics.sharpe} />,
    sortino: <Ratio value={statistics.sortino} />,
    average_holding_s: held === null ? <NoValue /> : span(held),
  };
}
