import { connect, connections, contracts, positions, refusals } from './connections';

/** What the page of connections, and the dashboards of accounts at an exchange, say. */
export const exchange = { connect, connections, contracts, positions, refusals };
