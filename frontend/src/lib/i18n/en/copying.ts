import { accountForms, choices, guide } from './account-forms';
import { advice, reasonNames } from './advice';
import { copies, copy, dashboard, follow, followers, mode, signals } from './copies';
import { copyPolicy } from './copy-policy';
import { copySettings, sizeExplained } from './copy-settings';
import { decision, dryRun, quarantine } from './decisions';
import { listing, masters } from './masters';

/** What the list of accounts, the dashboards, the page of a copy and the directory of masters say beyond the frame. */
export const copying = {
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
