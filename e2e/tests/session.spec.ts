import { once } from 'node:events';
import { createServer } from 'node:http';
import { expect, test } from '../fixtures.ts';
import { createAccount, newUser, openDashboard, signIn, signUp } from '../steps.ts';

test('a session that ended leads to sign-in and back to the same page', async ({ page, world }) => {
  const user = await signUp(page);
  await createAccount(page, 'Gold master', 'Master');
  await openDashboard(page, 'Gold master');
  const dashboard = page.url();

  await endEverySession(world.database, user.email);
  await page.reload();

  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await signIn(page, user);
  await expect(page.getByRole('heading', { level: 1, name: 'Gold master' })).toBeVisible();
  expect(page.url()).toBe(dashboard);
});

test('a session ended while a page is open is noticed at the next action', async ({
  page,
  world,
}) => {
  const user = await signUp(page);

  await endEverySession(world.database, user.email);
  await page.getByRole('link', { name: 'Trades' }).click();

  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await expect(page.getByText('Your session ended.')).toBeVisible();
  await signIn(page, user);
  await expect(page.getByRole('heading', { level: 1, name: 'Trades' })).toBeVisible();
});

test('a reload keeps the user signed in', async ({ page }) => {
  await signUp(page);

  await page.reload();

  await expect(page.getByRole('heading', { name: 'Accounts' })).toBeVisible();
});

test('a wrong password and an unknown user read the same', async ({ page }) => {
  const known = await signUp(page);
  await page.context().clearCookies();
  const told: string[] = [];

  for (const user of [{ ...known, password: 'not the right words' }, newUser()]) {
    await page.goto('/login');
    await signIn(page, user);
    const alert = page.getByRole('alert').filter({ hasText: 'wrong' });
    told.push((await alert.textContent()) ?? '');
  }

  expect(told[0]).toContain('E-mail address or password is wrong.');
  expect(told[1]).toBe(told[0]);
});

test('no other site gets our pages into a frame', async ({ browser, page, world }) => {
  const pages: Record<string, string> = {
    '/': `<iframe src="/own"></iframe><iframe src="${world.origin}/login"></iframe>`,
    '/own': 'What is theirs may be in a frame.',
  };
  const site = createServer(({ url = '' }, response) => {
    response.setHeader('content-type', 'text/html').end(pages[url]);
  });
  await once(site.listen(0, '127.0.0.1'), 'listening');
  const address = site.address();
  const theirs = `http://127.0.0.1:${address && typeof address === 'object' ? address.port : 0}`;
  // A browser of its own: this one may leave our origin.
  const stranger = await browser.newContext();
  try {
    const shown = await stranger.newPage();
    await shown.goto(`${theirs}/`);
    await expect
      .poll(() => shown.frames().map((frame) => frame.url()))
      .toEqual([`${theirs}/`, `${theirs}/own`, 'chrome-error://chromewebdata/']);
  } finally {
    await stranger.close();
    site.close();
    site.closeAllConnections();
  }

  await page.goto('/login');
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
});

/** What an operator's "sign out everywhere" or seven days of inactivity do. */
async function endEverySession(
  database: { query: (sql: string, values: unknown[]) => Promise<unknown> },
  email: string,
): Promise<void> {
  await database.query(
    `update refresh_tokens set expires_at = now(), revoked_at = now()
     where user_id = (select id from users where email = $1)`,
    [email],
  );
  await database.query(
    'update users set security_version = security_version + 1 where email = $1',
    [email],
  );
}
