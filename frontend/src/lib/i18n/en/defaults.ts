import { settings } from './settings';

/** What the settings say, and the rules that new accounts are offered. */
export const defaults = {
  settings,
  riskDefaults: {
    title: 'My risk defaults',
    hint: 'An account without rules is offered these. Nothing is set by itself: you see each rule before it is saved. Accounts that have rules keep them.',
    fields: {
      max_open_positions: 'Open positions at most',
      risk_per_trade_percent: 'Risk per trade, %',
      daily_loss_percent: 'Daily loss, %',
      max_drawdown_percent: 'Drawdown, %',
    },
    hints: {
      max_open_positions: 'At the same time.',
      risk_per_trade_percent: 'Of the starting balance, if the stop is hit.',
      daily_loss_percent: 'Of the starting balance, in one day.',
      max_drawdown_percent: 'Of the starting balance, in all.',
    },
    saved: 'Saved.',
  },
};
