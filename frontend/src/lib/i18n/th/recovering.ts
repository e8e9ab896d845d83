import type { Recovering } from '../i18n';
import { recovery } from './recovery';

export const recovering: Recovering = { recovery };
