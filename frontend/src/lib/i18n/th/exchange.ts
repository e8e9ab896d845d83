import { connect, connections, contracts, positions, refusals } from './connections';
import { venue } from './exchange-words';

export const exchange = { connect, connections, contracts, positions, refusals, venue };
