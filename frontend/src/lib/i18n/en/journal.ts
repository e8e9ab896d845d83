import { chart, floating, overviewStats, trades } from './trades';

/** What the journal says, and the pages that show trades or profit. */
export const journal = { chart, floating, overviewStats, trades };
