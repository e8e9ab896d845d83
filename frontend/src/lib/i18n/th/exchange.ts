import { connect, connections, contracts, positions, refusals } from './connections';

export const exchange = { connect, connections, contracts, positions, refusals };
