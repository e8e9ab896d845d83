import type { Pages } from '../i18n';
import { accounts, choices, guide } from './accounts';
import { alerts } from './alerts';
import { dashboard } from './copies';
import { groups } from './groups';
import { riskWords } from './risk-words';
import { stop } from './stop';
import { chart, floating, trades } from './trades';

export const pages: Pages = {
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
