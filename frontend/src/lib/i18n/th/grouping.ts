import type { Grouping } from '../i18n';
import { groups } from './groups';

export const grouping: Grouping = { groups };
