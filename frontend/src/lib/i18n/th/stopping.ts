import type { Stopping } from '../i18n';
import { accounts } from './accounts';
import { stopping as words } from './stopping-words';

export const stopping: Stopping = { accounts, stopping: words };
