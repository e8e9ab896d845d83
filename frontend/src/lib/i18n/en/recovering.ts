import { recovery } from './recovery';

/** What the pages say to which mails lead. */
export const recovering = { recovery };
