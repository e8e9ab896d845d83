import { connect, connections, positions, refusals } from './connections';
import { venue } from './exchange-words';

export const exchange = { connect, connections, positions, refusals, venue };
