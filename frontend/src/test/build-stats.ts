import type { Stats } from '@/api/types';

/** Statistics of two closed trades, one won and one lost. */
export function someStats(changes: Partial<Stats> = {}): Stats {
  return {
    currency: 'USD',
    accounts: 1,
    balance: '10000',
    equity: '10012.5',
    starting_balance: '9900',
    time_zone: 'Asia/Bangkok',
    trades: 2,
    open_trades: 1,
    unknown_trades: 0,
    unconverted_trades: 0,
    missing_rates: [],
    wins: 1,
    losses: 1,
    breakeven: 0,
    win_rate: '0.5',
    total_pnl: '100',
    total_pnl_percent: '0.010101',
    today_trades: 1,
    today_pnl: '-50',
    today_pnl_percent: '-0.005',
    gross_profit: '150',
    gross_loss: '-50',
    profit_factor: '3',
    expectancy: '50',
    average_win: '150',
    average_loss: '-50',
    payoff: '3',
    best_trade: '150',
    worst_trade: '-50',
    max_drawdown: {
      money: '50',
      percent: '0.004975',
      peak_at: '2026-11-19T10:00:00Z',
      trough_at: '2026-11-20T10:00:00Z',
      recovered_at: null,
      duration_s: 86_400,
    },
    longest_win_streak: 1,
    longest_loss_streak: 1,
    average_holding_s: 3_600,
    sharpe: null,
    sortino: null,
    average_r: '0.75',
    exposure: '0.25',
    best_day: { date: '2026-11-19', trades: 1, pnl: '150' },
    worst_day: { date: '2026-11-20', trades: 1, pnl: '-50' },
    by_symbol: [{ symbol: 'XAUUSD', trades: 2, wins: 1, losses: 1, win_rate: '0.5', pnl: '100' }],
    by_weekday: [
      { weekday: 3, trades: 1, wins: 1, losses: 0, pnl: '150' },
      { weekday: 4, trades: 1, wins: 0, losses: 1, pnl: '-50' },
    ],
    by_hour: [{ hour: 17, trades: 2, wins: 1, losses: 1, pnl: '100' }],
    days: [
      { date: '2026-11-19', trades: 1, pnl: '150' },
      { date: '2026-11-20', trades: 1, pnl: '-50' },
    ],
    r_distribution: [
      { from: '-1', to: '-0.5', trades: 1 },
      { from: '2', to: '2.5', trades: 1 },
    ],
    pnl_distribution: [
      { from: '-50', to: '0', trades: 1 },
      { from: '150', to: '200', trades: 1 },
    ],
    curve: [
      {
        at: '2026-11-19T10:00:00Z',
        value: '10050',
        low: '10050',
        high: '10050',
        of_start: '1.015152',
      },
      {
        at: '2026-11-20T10:00:00Z',
        value: '10000',
        low: '10000',
        high: '10000',
        of_start: '1.010101',
      },
    ],
    scatter: [
      { symbol: 'XAUUSD', held_s: 1_800, pnl: '150' },
      { symbol: 'XAUUSD', held_s: 5_400, pnl: '-50' },
    ],
    totals: [],
    ...changes,
  };
}

/** Statistics of accounts without trades. */
export function noStats(): Stats {
  return someStats({
    trades: 0,
    wins: 0,
    losses: 0,
    total_pnl: '0',
    today_pnl: '0',
    curve: [],
    scatter: [],
  });
}
