import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium } from '@playwright/test';
import { Api, addAccount } from '../api.ts';
import { expect, test } from '../fixtures.ts';
import { signUp } from '../steps.ts';
import type { World } from '../world/world.ts';
import { fill } from './rows.ts';

/** Lighthouse's own module; `scripts/bench-page` installs it and names it. */
const installed = process.env.FLOTILLA_LIGHTHOUSE;
const ACCOUNTS = Number(process.env.ACCOUNTS ?? '4');
const TRADES = Number(process.env.TRADES ?? '2000');
/** Where Lighthouse finds the browser. */
const PORT = 9333;
const CATEGORIES = ['performance', 'accessibility', 'best-practices'];
const FIGURES = [
  'first-contentful-paint',
  'largest-contentful-paint',
  'total-blocking-time',
  'cumulative-layout-shift',
  'speed-index',
];

/** As much of it as is used here. */
interface Lighthouse {
  default: (
    url: string,
    flags: Record<string, unknown>,
    config?: unknown,
  ) => Promise<{ lhr: Result } | undefined>;
  desktopConfig: unknown;
}

interface Result {
  finalDisplayedUrl: string;
  /** How fast it found the machine to be: 1,500 and more is a desktop of today. */
  environment: { benchmarkIndex: number };
  categories: Record<string, { id: string; score: number | null }>;
  audits: Record<
    string,
    {
      id: string;
      title: string;
      score: number | null;
      scoreDisplayMode: string;
      displayValue?: string;
      details?: { items?: Item[] };
    }
  >;
}

/** Of what an audit names: elements that moved, long tasks, kinds of work. */
interface Item {
  node?: { selector: string; nodeLabel: string };
  score?: number;
  url?: string;
  startTime?: number;
  groupLabel?: string;
  duration?: number;
}

test('the overview in Lighthouse, at a desk and on a phone', async ({ world }) => {
  test.skip(!installed, 'scripts/bench-page runs it');
  const { default: lighthouse, desktopConfig } = (await import(installed ?? '')) as Lighthouse;
  const profile = await mkdtemp(join(tmpdir(), 'flotilla-lighthouse-'));
  const context = await browser(world, profile);
  await furnish(world, context);
  console.log(`The overview with ${ACCOUNTS} accounts and ${TRADES} trades`);

  for (const [name, config] of [
    ['desktop', desktopConfig],
    // What it takes without being told.
    ['phone', undefined],
  ] as const) {
    // Signed in it stays only where nothing is forgotten.
    const flags = { port: PORT, disableStorageReset: true, onlyCategories: CATEGORIES };
    const told = await lighthouse(`${world.origin}/`, { ...flags, logLevel: 'error' }, config);
    expect(told?.lhr.finalDisplayedUrl, 'not the page to sign in').toBe(`${world.origin}/`);
    if (told) console.log(summary(name, told.lhr));
  }
  await context.close();
  await rm(profile, { recursive: true, force: true });
});

function browser(world: World, profile: string): Promise<BrowserContext> {
  return chromium.launchPersistentContext(profile, {
    executablePath: process.env.FLOTILLA_CHROMIUM ?? '/usr/bin/chromium',
    baseURL: world.origin,
    locale: 'en-GB',
    timezoneId: 'UTC',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      `--remote-debugging-port=${PORT}`,
    ],
  });
}

/** Signs up, makes accounts and trades of all of them, and leaves nothing open. */
async function furnish(world: World, context: BrowserContext): Promise<void> {
  const page = await context.newPage();
  await signUp(page);
  const api = await Api.of(page);
  for (let at = 0; at < ACCOUNTS; at += 1) {
    const more = { platform: 'ibkr', starting_balance: '10000' };
    const account = await addAccount(api, `Account ${at + 1}`, 'none', more);
    await fill(world.database, account, Math.ceil(TRADES / ACCOUNTS));
  }
  await page.goto('/');
  await expect(page.getByText(/of [\d,]+ closed trades/)).toBeVisible();
  await page.close();
}

/** Scores, figures, and what cost points. */
function summary(name: string, { categories, audits, environment }: Result): string {
  const scores = Object.values(categories).map(
    ({ id, score }) => `${id} ${Math.round((score ?? 0) * 100)}`,
  );
  const figures = FIGURES.map((figure) => `${figure} ${audits[figure]?.displayValue ?? '?'}`);
  const weak = Object.values(audits).filter(
    ({ score, scoreDisplayMode }) =>
      score !== null && score < 0.9 && scoreDisplayMode !== 'informative',
  );
  const lines = weak.map(
    ({ id, score, displayValue = '', title }) => `    ${id} ${score} ${displayValue} ${title}`,
  );
  return [
    `${name}: ${scores.join(', ')}; ${figures.join(', ')}; machine ${environment.benchmarkIndex}`,
    ...lines,
    ...causes(audits),
  ].join('\n');
}

/** What moved, what took long at once, and what the time went into. */
function causes(audits: Result['audits']): string[] {
  const of = (audit: string) => audits[audit]?.details?.items ?? [];
  const ms = (time = 0) => `${Math.round(time)} ms`;
  return [
    ...of('layout-shifts').flatMap(({ node, score = 0 }) =>
      node ? [`    moved by ${score.toFixed(3)}: ${node.selector} (${node.nodeLabel})`] : [],
    ),
    ...of('long-tasks').map(
      ({ url = '', startTime, duration }) =>
        `    ${ms(duration)} at once, ${ms(startTime)} after the beginning: ${url.split('/').at(-1)}`,
    ),
    ...of('mainthread-work-breakdown').map(
      ({ groupLabel, duration }) => `    ${groupLabel}: ${ms(duration)}`,
    ),
  ];
}
