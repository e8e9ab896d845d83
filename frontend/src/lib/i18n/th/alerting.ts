import type { Alerting } from '../i18n';
import { alerts } from './alerts';

export const alerting: Alerting = { alerts };
