import { accounts, guide } from './accounts';
import { advice, reasonNames } from './advice';
import { alerts } from './alerts';
import { common, errors, live, nav } from './common';
import { copies, copy, dashboard, follow, followers, mode, signals } from './copies';
import { copySettings, sizeExplained } from './copy-settings';
import { session, settings } from './session';
import { stop } from './stop';
import { chart, floating, trades } from './trades';

export const en = {
  accounts,
  advice,
  alerts,
  chart,
  common,
  copies,
  copy,
  copySettings,
  dashboard,
  errors,
  floating,
  follow,
  followers,
  guide,
  live,
  mode,
  nav,
  reasonNames,
  session,
  settings,
  signals,
  sizeExplained,
  stop,
  trades,
};
