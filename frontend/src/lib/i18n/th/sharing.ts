import type { Sharing } from '../i18n';
import { personalKeys } from './personal-keys';
import { shares } from './shares';

export const sharing: Sharing = { personalKeys, shares };
