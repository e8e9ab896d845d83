import { common, errors, live, nav } from './common';
import { preferences, session } from './session';

/** What the pages before the sign-in say, and what may be said anywhere. */
export const front = { common, errors, live, nav, preferences, session };
