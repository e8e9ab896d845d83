import { shares } from './shares';

/** What links say that show figures to strangers: where they are made, and where they lead. */
export const sharing = { shares };
