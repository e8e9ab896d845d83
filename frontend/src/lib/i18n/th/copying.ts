import type { Copying } from '../i18n';
import { advice, reasonNames } from './advice';
import { copies, copy, follow, followers, signals } from './copies';
import { copySettings, sizeExplained } from './copy-settings';
import { decision, dryRun, quarantine } from './decisions';

export const copying: Copying = {
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
