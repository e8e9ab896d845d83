import type { Pages } from '../i18n';
import { accounts } from './accounts';
import { inbox } from './common';
import { declined } from './declined';
import { venue } from './exchange-words';
import { riskWords } from './risk-words';
import { stop } from './stop';

export const pages: Pages = {
  accounts,
  inbox,
  declined,
  riskWords,
  stop,
  venue,
};
