import { advice, reasonNames } from './advice';
import { copies, copy, follow, followers, signals } from './copies';
import { copySettings, sizeExplained } from './copy-settings';
import { decision, dryRun, quarantine } from './decisions';

/** What only the dashboards and the page of a copy say. */
export const copying = {
  advice,
  copies,
  copy,
  copySettings,
  decision,
  dryRun,
  follow,
  followers,
  quarantine,
  reasonNames,
  signals,
  sizeExplained,
};
