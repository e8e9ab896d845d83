import type { CDPSession, Page } from '@playwright/test';
import { Api, addAccount } from '../api.ts';
import { expect, test } from '../fixtures.ts';
import { signUp } from '../steps.ts';
import { fill } from './rows.ts';

const SIZES = (process.env.ROWS ?? '3000 1000000').split(' ').map(Number);
/** Rows that are fetched by scrolling, and scrolled back over. */
const WAY = Number(process.env.WAY ?? '5000');

for (const size of SIZES) {
  test(`a journal of ${size} trades is scrolled through`, async ({ page, world }) => {
    await signUp(page);
    const account = await addAccount(await Api.of(page), 'Busy', 'none', { platform: 'ibkr' });
    await fill(world.database, account, size);
    const wanted = Math.min(size, WAY);
    const session = await page.context().newCDPSession(page);
    await session.send('Performance.enable');

    const began = Date.now();
    await page.goto('/trades');
    const newest = page.getByRole('table', { name: 'Trades' });
    await expect(newest.getByRole('button', { name: 'S1', exact: true })).toBeVisible();
    const opened = Date.now() - began;
    const beginning = await weigh(page, session);

    const left = Date.now();
    while ((await fetched(page)) < wanted) {
      await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
      await page.waitForTimeout(20);
    }
    const down = Date.now() - left;
    const end = await weigh(page, session);
    const back = await scrollBack(page);

    const words = [
      `${size} trades: the first rows after ${opened} ms (${beginning})`,
      `${wanted} rows fetched by scrolling in ${down} ms (${end})`,
      `scrolled back over them in ${back.frames} frames, a screen each: p50 ${back.p50} ms, p95 ${back.p95} ms, longest ${back.longest} ms`,
    ];
    console.log(words.join('\n  '));
  });
}

/** Rows that the page holds, as the line below them says. */
async function fetched(page: Page): Promise<number> {
  const line = page.getByText(/^(The first [\d,]+;|[\d,]+ trades?$)/).last();
  return Number(((await line.textContent()) ?? '').replace(/\D/g, ''));
}

/** What the page weighs, once nothing is kept that nobody needs. */
async function weigh(page: Page, session: CDPSession): Promise<string> {
  const drawn = await page.locator('[data-row-control]').count();
  await session.send('HeapProfiler.collectGarbage');
  const { metrics } = await session.send('Performance.getMetrics');
  const of = (name: string) => metrics.find((metric) => metric.name === name)?.value ?? Number.NaN;
  const mebibytes = (of('JSHeapUsedSize') / 2 ** 20).toFixed(1);
  return `${drawn} rows drawn, ${of('Nodes')} nodes, ${mebibytes} MiB of JavaScript`;
}

interface Frames {
  frames: number;
  p50: number;
  p95: number;
  longest: number;
}

/** From where the page is to its top, by one screen in each frame; how long the frames took. */
function scrollBack(page: Page): Promise<Frames> {
  return page.evaluate(
    () =>
      new Promise<Frames>((resolve) => {
        const took: number[] = [];
        let before = performance.now();
        const step = () => {
          const now = performance.now();
          took.push(now - before);
          before = now;
          if (scrollY > 0) {
            scrollBy(0, -innerHeight);
            requestAnimationFrame(step);
            return;
          }
          took.sort((one, other) => one - other);
          const at = (part: number) =>
            Math.round(took[Math.min(Math.floor(took.length * part), took.length - 1)] ?? 0);
          resolve({ frames: took.length, p50: at(0.5), p95: at(0.95), longest: at(1) });
        };
        requestAnimationFrame(step);
      }),
  );
}
