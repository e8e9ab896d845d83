import type { Pages } from '../i18n';
import { accounts } from './accounts';
import { inbox, keys, palette } from './common';
import { dashboard } from './copies';
import { venue } from './exchange-words';
import { riskWords } from './risk-words';
import { stop } from './stop';

export const pages: Pages = {
  accounts,
  dashboard,
  inbox,
  keys,
  palette,
  riskWords,
  stop,
  venue,
};
