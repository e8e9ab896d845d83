import { expect, test } from '../fixtures.ts';
import { signUp } from '../steps.ts';

interface Manifest {
  display: string;
  start_url: string;
  icons: { src: string; sizes: string; type: string }[];
}

test('it can be installed, and opens without a network to say that there is none', async ({
  page,
  context,
}) => {
  await signUp(page);
  await page.goto('/');
  await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible();

  const href = await page.locator('link[rel=manifest]').getAttribute('href');
  const manifest: Manifest = await (await page.request.get(href ?? '')).json();
  expect(manifest).toMatchObject({ display: 'standalone', start_url: '/' });
  for (const { src, sizes, type } of manifest.icons.filter((icon) => icon.sizes !== 'any')) {
    const answer = await page.request.get(src);
    const picture = await answer.body();
    expect(answer.headers()['content-type'], src).toBe(type);
    expect(`${picture.readUInt32BE(16)}x${picture.readUInt32BE(20)}`, src).toBe(sizes);
  }
  const browser = await context.newCDPSession(page);
  const { installabilityErrors: errors } = await browser.send('Page.getInstallabilityErrors');
  // A window of a test keeps nothing, so it could not be installed from there.
  expect(errors.filter(({ errorId }) => errorId !== 'in-incognito')).toEqual([]);

  // All that was fetched for this page is kept, by a worker that the page itself did not come through.
  await expect
    .poll(() =>
      page.evaluate(async () => {
        const fetched = performance.getEntriesByType('resource').map(({ name }) => name);
        const parts = fetched.filter((name) => new URL(name).pathname.startsWith('/assets/'));
        const kept = await Promise.all(parts.map((part) => caches.match(part)));
        return parts.length > 0 && kept.every((part) => part !== undefined);
      }),
    )
    .toBe(true);
  await context.setOffline(true);
  await page.reload();
  await expect(page.getByText('The server did not answer.')).toBeVisible();
  const kept = await page.evaluate(async () => {
    const names = await caches.keys();
    const all = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
    return all.flat().map(({ url }) => new URL(url).pathname);
  });
  expect(
    kept.filter((path) => path.startsWith('/api')),
    'answers of the API that are kept',
  ).toEqual([]);

  await context.setOffline(false);
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible();
});
