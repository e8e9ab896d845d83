import { connect, connections, contracts, positions, refusals } from './connections';
import { venue } from './exchange-words';

/** What the page of connections, and the dashboards of accounts at an exchange, say. */
export const exchange = { connect, connections, contracts, positions, refusals, venue };
