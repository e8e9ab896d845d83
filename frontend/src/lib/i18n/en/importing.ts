import { imports } from './imports';

/** What is said of files of trades. */
export const importing = { imports };
