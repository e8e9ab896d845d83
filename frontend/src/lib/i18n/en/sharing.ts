import { personalKeys } from './personal-keys';
import { shares } from './shares';

/** What is given to others: links that show figures to strangers, where they lead, and keys of programs. */
export const sharing = { personalKeys, shares };
