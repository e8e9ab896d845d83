import { alerts } from './alerts';

/** What the inbox says. */
export const alerting = { alerts };
