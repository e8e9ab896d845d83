import type { Sharing } from '../i18n';
import { shares } from './shares';

export const sharing: Sharing = { shares };
