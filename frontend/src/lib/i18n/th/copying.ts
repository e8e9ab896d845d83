import type { Copying } from '../i18n';
import { accountForms, choices, guide } from './account-forms';
import { advice, reasonNames } from './advice';
import { copies, copy, dashboard, follow, followers, mode, signals } from './copies';
import { copyPolicy } from './copy-policy';
import { copySettings, sizeExplained } from './copy-settings';
import { decision, dryRun, quarantine } from './decisions';
import { listing, masters } from './masters';

export const copying: Copying = {
  accountForms,
  advice,
  choices,
  copies,
  copy,
  copyPolicy,
  copySettings,
  dashboard,
  decision,
  dryRun,
  follow,
  followers,
  guide,
  listing,
  masters,
  mode,
  quarantine,
  reasonNames,
  signals,
  sizeExplained,
};
