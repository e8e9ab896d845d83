import type { Pages } from '../i18n';
import { inbox } from './common';
import { venue } from './exchange-words';
import { riskWords } from './risk-words';
import { stop } from './stop';

export const pages: Pages = {
  inbox,
  riskWords,
  stop,
  venue,
};
