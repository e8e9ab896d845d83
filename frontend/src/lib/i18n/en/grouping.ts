import { groups } from './groups';

/** What the pages of groups say. */
export const grouping = { groups };
