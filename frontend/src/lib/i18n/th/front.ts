import type { Front } from '../i18n';
import { common, errors, live, nav } from './common';
import { preferences, session } from './session';

export const front: Front = { common, errors, live, nav, preferences, session };
