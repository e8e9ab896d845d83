import type { Messages } from '../i18n';
import { accounts, guide } from './accounts';
import { common, errors, live, nav } from './common';
import { copies, copy, dashboard, follow, followers, mode, signals } from './copies';
import { session, settings } from './session';
import { chart, trades } from './trades';

export const th: Messages = {
  accounts,
  chart,
  common,
  copies,
  copy,
  dashboard,
  errors,
  follow,
  followers,
  guide,
  live,
  mode,
  nav,
  session,
  settings,
  signals,
  trades,
};
