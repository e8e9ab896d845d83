import { stopping as words } from './stopping-words';

/** What is said once somebody presses the red button. */
export const stopping = { stopping: words };
