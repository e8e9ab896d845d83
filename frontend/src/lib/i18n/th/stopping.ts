import type { Stopping } from '../i18n';
import { stopping as words } from './stopping-words';

export const stopping: Stopping = { stopping: words };
