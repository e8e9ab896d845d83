import { alertLevels } from './alert-levels';
import { riskMarks } from './risk-marks';
import { settings } from './settings';

/** What the settings say, the rules that new accounts are offered, and rates of currencies. */
export const defaults = {
  settings,
  alertLevels,
  riskMarks,
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
  currencyRates: {
    title: 'Currency rates',
    hint: 'Accounts in several currencies are shown in one by these: each trade by the rate of the day it closed, or the latest one before. A rate counts in both directions.',
    form: 'Give a rate',
    fields: {
      currency: 'One unit of',
      base_currency: 'Is worth, in',
      day: 'From this day on',
      rate: 'Rate',
    },
    rateHint: 'Such as 1.0825.',
    save: 'Save rate',
    saved: 'Saved.',
    empty: 'No rates yet.',
    pair: 'Currencies',
    one: '1 {currency} in {base}',
    rate: 'Rate',
    since: 'From',
    more: 'Show more',
    remove: 'Delete',
    removeOne: 'Delete the rate of {currency} in {base} of {day}',
    removeText:
      'From that day on the rate before it counts again. Without one, trades of those days are left out where sums are shown in one currency.',
  },
};
