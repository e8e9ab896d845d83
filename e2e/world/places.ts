import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Top of the checkout. */
export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** Where cargo puts what it builds; the same default as in `scripts/progress.sh`. */
const target =
  process.env.CARGO_TARGET_DIR ??
  join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'flotilla/target');

/** The executable under test. */
export const flotilla = process.env.FLOTILLA_BIN ?? join(target, 'debug/flotilla');

/** The simulated exchange, built beside it. */
export const bingxSim = join(dirname(flotilla), 'bingx-sim');

/** The built pages. */
export const webDir = join(root, 'frontend/dist');
