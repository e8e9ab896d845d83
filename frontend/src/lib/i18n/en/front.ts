import { common, errors, live, nav } from './common';
import { session, settings } from './session';

/** What the pages before the sign-in say, and what may be said anywhere. */
export const front = { common, errors, live, nav, session, settings };
