import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';

const NAMES = ['FlotillaReporter.mq4', 'FlotillaReporter.mq5'];
const FOLDER = fileURLToPath(new URL('../ea/', import.meta.url));
const ADDRESS = '/ea/';
const MODULE = 'virtual:ea-files';

const read = (name: string) => readFileSync(FOLDER + name);

/**
 * Serves the Reporter's sources beside the pages, from the one place where they are kept, and
 * tells the pages how large they are and what they hash to.
 */
export function eaFiles(): Plugin {
  return {
    name: 'ea-files',
    resolveId: (id) => (id === MODULE ? `\0${MODULE}` : null),
    load(id) {
      if (id !== `\0${MODULE}`) return null;
      const facts = NAMES.map((name) => {
        const file = read(name);
        const sha256 = createHash('sha256').update(file).digest('hex');
        return [name, { address: ADDRESS + name, bytes: file.length, sha256 }] as const;
      });
      return `export const eaFiles = ${JSON.stringify(Object.fromEntries(facts))};`;
    },
    generateBundle() {
      for (const name of NAMES) {
        const fileName = (ADDRESS + name).slice(1);
        this.emitFile({ type: 'asset', fileName, source: read(name) });
      }
    },
    configureServer(server) {
      server.middlewares.use(ADDRESS, (request, response, next) => {
        const name = basename(request.url ?? '');
        if (NAMES.includes(name)) response.end(read(name));
        else next();
      });
    },
  };
}
