import { type ReactNode, useId } from 'react';
import { useFormatter, useTranslations } from 'use-intl';
import type { Stats } from '@/api/types';
import { Delta, NoValue, Percent, Ratio } from '@/components/figures';
import { Card } from '@/components/page';
import { Moment, useSpanText } from '@/components/time';

type Name = keyof IntlFigures;
type IntlFigures = ReturnType<typeof useFigures>;

const PARTS = {
  result: ['total', 'percent', 'expectancy', 'profitFactor', 'winRate', 'payoff'],
  trades: ['averageWin', 'averageLoss', 'bestTrade', 'worstTrade', 'averageR', 'holding'],
  risk: ['drawdown', 'drawdownPercent', 'recovery', 'sharpe', 'sortino', 'exposure'],
  runs: ['bestDay', 'worstDay', 'winStreak', 'lossStreak', 'counts', 'open'],
} as const satisfies Record<string, Name[]>;

/** Every figure with what it means. */
export function FigureList({ stats }: { stats: Stats }) {
  const t = useTranslations('stats');
  const figures = useFigures(stats);
  return (
    <div className="grid gap-4 lg:grid-cols-2">
      {(Object.keys(PARTS) as (keyof typeof PARTS)[]).map((part) => (
        <Card key={part} title={t(`parts.${part}`)}>
          <dl className="divide-y divide-line">
            {PARTS[part].map((name) => (
              <Row key={name} name={name}>
                {figures[name]}
              </Row>
            ))}
          </dl>
        </Card>
      ))}
    </div>
  );
}

function Row({ name, children }: { name: Name; children: ReactNode }) {
  const t = useTranslations('stats.figures');
  const id = useId();
  return (
    <div className="grid grid-cols-[minmax(0,1fr)_auto] gap-x-4 py-2">
      <dt id={id} className="font-medium">
        {t(`${name}.name`)}
      </dt>
      <dd className="text-right font-semibold">{children}</dd>
      <dd className="col-span-2 text-pretty text-muted text-sm">{t(`${name}.means`)}</dd>
    </div>
  );
}

function useFigures(stats: Stats) {
  const t = useTranslations('stats');
  const format = useFormatter();
  const span = useSpanText();
  const currency = stats.currency ?? '';
  const money = (value: string | null) => <Delta value={value} currency={currency} />;
  const day = (best: Stats['best_day']) =>
    best ? (
      <>
        {money(best.pnl)}
        <span className="ml-2 font-normal text-muted text-sm">
          {format.dateTime(new Date(`${best.date}T00:00:00Z`), {
            dateStyle: 'medium',
            timeZone: 'UTC',
          })}
        </span>
      </>
    ) : (
      <NoValue />
    );
  const fall = stats.max_drawdown;
  return {
    total: money(stats.total_pnl),
    percent: <Percent value={stats.total_pnl_percent} />,
    expectancy: money(stats.expectancy),
    profitFactor: <Ratio value={stats.profit_factor} />,
    winRate: <Percent value={stats.win_rate} />,
    payoff: <Ratio value={stats.payoff} />,
    averageWin: money(stats.average_win),
    averageLoss: money(stats.average_loss),
    bestTrade: money(stats.best_trade),
    worstTrade: money(stats.worst_trade),
    averageR: stats.average_r ? t('ofR', { r: Number(stats.average_r) }) : <NoValue />,
    holding: stats.average_holding_s === null ? <NoValue /> : span(stats.average_holding_s),
    drawdown: money(fall?.money ? `-${fall.money.replace('-', '')}` : null),
    drawdownPercent: <Percent value={fall?.percent ?? null} />,
    recovery: fall ? (
      <>
        {span(fall.duration_s)}
        <span className="ml-2 font-normal text-muted text-sm">
          {fall.recovered_at
            ? t.rich('recovered', {
                when: () => <Moment at={fall.recovered_at ?? fall.trough_at} format="date" />,
              })
            : t('notRecovered')}
        </span>
      </>
    ) : (
      <NoValue />
    ),
    sharpe: <Ratio value={stats.sharpe} />,
    sortino: <Ratio value={stats.sortino} />,
    exposure: <Percent value={stats.exposure} />,
    bestDay: day(stats.best_day),
    worstDay: day(stats.worst_day),
    winStreak: <span className="figures">{stats.longest_win_streak}</span>,
    lossStreak: <span className="figures">{stats.longest_loss_streak}</span>,
    counts: (
      <span className="figures">
        {t('counts', { wins: stats.wins, losses: stats.losses, even: stats.breakeven })}
      </span>
    ),
    open: <span className="figures">{stats.open_trades}</span>,
  };
}
