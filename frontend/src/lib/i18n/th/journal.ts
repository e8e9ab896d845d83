import type { Journal } from '../i18n';
import { chart, floating, overviewStats, trades } from './trades';

export const journal: Journal = { chart, floating, overviewStats, trades };
