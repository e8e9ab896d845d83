// Weighs the script that a browser needs before it can show each page, and fails when one is above its budget.
// It counts bytes of the last build, compressed: the same files weigh the same on every machine.

import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

/** Of everything that the first page loads. */
const FIRST_LOAD = 170_000;
/** Of what a page adds to the frame that is there already. */
const ROUTE = 100_000;

const ROUTES = 'src/app/routes/';
const LAYOUT = 'src/app/layout.tsx';
/** Pages without the layout and its texts. */
const FRONT = ['login', 'register'];
/** Where somebody who signs in or comes back first arrives. */
const FIRST = [...FRONT, 'overview'];
/** Texts beside the frame's, by page. */
const TEXTS = {
  'account-risk': ['journal', 'risk', 'exchange'],
  accounts: ['copying'],
  alerts: ['alerting'],
  'bingx-guide': ['exchange', 'guides'],
  connections: ['exchange'],
  copy: ['copying', 'journal', 'exchange'],
  dashboard: ['copying', 'journal', 'exchange'],
  calendar: ['statistics'],
  compare: ['statistics'],
  day: ['journal', 'statistics'],
  group: ['grouping', 'risk'],
  groups: ['grouping'],
  master: ['copying', 'journal'],
  masters: ['copying'],
  overview: ['overview', 'journal'],
  reporter: ['risk'],
  settings: ['defaults', 'sharing'],
  shared: ['sharing'],
  statistics: ['statistics'],
  trades: ['journal'],
};
/** The first texts of this language are in the first script. */
const BUILT_IN = 'en';

const manifest = JSON.parse(readFileSync('dist/.vite/manifest.json', 'utf8'));

/** Files that have to be here before any of these modules runs. */
function filesOf(modules) {
  const seen = new Set();
  const visit = (name) => {
    const chunk = manifest[name];
    if (!chunk) throw new Error(`the build has no ${name}`);
    if (seen.has(name)) return;
    seen.add(name);
    for (const imported of chunk.imports ?? []) visit(imported);
  };
  for (const name of modules) visit(name);
  return new Set(
    [...seen].map((name) => manifest[name].file).filter((file) => file.endsWith('.js')),
  );
}

const weights = new Map();
function weigh(files) {
  let sum = 0;
  for (const file of files) {
    if (!weights.has(file)) {
      weights.set(file, gzipSync(readFileSync(`dist/${file}`), { level: 9 }).length);
    }
    sum += weights.get(file);
  }
  return sum;
}

const lines = [];
let isAbove = false;
function check(name, bytes, budget) {
  const verdict = bytes > budget ? 'ABOVE' : '';
  isAbove ||= bytes > budget;
  lines.push(`${name.padEnd(34)} ${String(bytes).padStart(7)} of ${budget} ${verdict}`.trimEnd());
}

const pages = Object.keys(manifest)
  .filter((name) => name.startsWith(ROUTES) && manifest[name].isDynamicEntry)
  .map((name) => name.slice(ROUTES.length, -'.tsx'.length))
  .sort();
for (const language of ['en', 'th']) {
  const texts = (part) => `src/lib/i18n/${language}/${part}.ts`;
  const front = language === BUILT_IN ? [] : [texts('front')];
  const inside = ['index.html', LAYOUT, ...front, texts('pages')];
  const frame = filesOf(inside);
  check(`${language} frame`, weigh(frame), FIRST_LOAD);
  for (const page of pages) {
    const route = `${ROUTES}${page}.tsx`;
    const isFront = FRONT.includes(page);
    const whole = isFront
      ? filesOf(['index.html', route, ...front])
      : filesOf([...inside, route, ...(TEXTS[page] ?? []).map(texts)]);
    if (FIRST.includes(page)) check(`${language} ${page}, first load`, weigh(whole), FIRST_LOAD);
    else
      check(
        `${language} ${page}, beside the frame`,
        weigh([...whole].filter((file) => !frame.has(file))),
        ROUTE,
      );
  }
}
process.stdout.write(`${lines.join('\n')}\n`);
if (isAbove) {
  process.stderr.write('A page is above its budget: load something later, or do without it.\n');
  process.exit(1);
}
