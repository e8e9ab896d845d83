import type { Journal } from '../i18n';
import { chart, floating, trades } from './trades';

export const journal: Journal = { chart, floating, trades };
