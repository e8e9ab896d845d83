import { accounts, choices, guide } from './accounts';
import { alerts } from './alerts';
import { dashboard } from './copies';
import { groups } from './groups';
import { riskWords } from './risk-words';
import { stop } from './stop';
import { chart, floating, trades } from './trades';

/** What only the pages of a signed-in user say, and several of them. */
export const pages = {
  accounts,
  choices,
  alerts,
  chart,
  dashboard,
  floating,
  groups,
  guide,
  riskWords,
  stop,
  trades,
};
