import { accounts, choices, guide } from './accounts';
import { alerts } from './alerts';
import { dashboard, mode } from './copies';
import { groups } from './groups';
import { listing, masters } from './masters';
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
  listing,
  masters,
  mode,
  riskWords,
  stop,
  trades,
};
