import type { Importing } from '../i18n';
import { imports } from './imports';

export const importing: Importing = { imports };
