import { accounts } from './accounts';
import { inbox } from './common';
import { declined } from './declined';
import { venue } from './exchange-words';
import { riskWords } from './risk-words';
import { stop } from './stop';

/** What only the pages of a signed-in user say, and several of them. */
export const pages = {
  accounts,
  inbox,
  declined,
  riskWords,
  stop,
  venue,
};
