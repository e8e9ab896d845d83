import type { Messages } from '../i18n';
import { accounts, choices, guide } from './accounts';
import { advice, reasonNames } from './advice';
import { alerts } from './alerts';
import { common, errors, live, nav } from './common';
import { copies, copy, dashboard, follow, followers, mode, signals } from './copies';
import { copySettings, sizeExplained } from './copy-settings';
import { decision, dryRun, quarantine } from './decisions';
import { groups } from './groups';
import { listing, masters } from './masters';
import { session, settings } from './session';
import { stop } from './stop';
import { chart, floating, trades } from './trades';

export const th: Messages = {
  accounts,
  choices,
  advice,
  alerts,
  chart,
  common,
  copies,
  copy,
  copySettings,
  dashboard,
  decision,
  dryRun,
  errors,
  floating,
  follow,
  followers,
  groups,
  guide,
  listing,
  live,
  masters,
  mode,
  nav,
  quarantine,
  reasonNames,
  session,
  settings,
  signals,
  sizeExplained,
  stop,
  trades,
};
