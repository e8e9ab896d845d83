import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures.ts';
import { createAccount, masterToken, openDashboard, signUp } from '../steps.ts';

async function expectNoViolation(page: Page, where: string): Promise<void> {
  // What the header happens to cover in a scrolled page would count as too small to touch.
  await page.evaluate(() => scrollTo(0, 0));
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .analyze();
  const found = violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join('\n')}`,
  );
  expect(found, where).toEqual([]);
}

/** Opens each address and waits for its heading. */
async function visitAndCheck(page: Page, pages: [path: string, heading: string][]): Promise<void> {
  for (const [path, heading] of pages) {
    await page.goto(path);
    await expect(page.getByRole('heading', { level: 1, name: heading })).toBeVisible();
    await expectNoViolation(page, path);
  }
}

for (const scheme of ['light', 'dark'] as const) {
  test.describe(`in the ${scheme} theme`, () => {
    test.beforeEach(({ page }) =>
      page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' }),
    );

    test('pages without an account break no rule of accessibility', async ({ page }) => {
      await visitAndCheck(page, [
        ['/login', 'Sign in'],
        ['/register', 'Create your account'],
        ['/nowhere', 'There is nothing at this address.'],
      ]);
      await signUp(page);
      await expect(page.getByText('No accounts yet')).toBeVisible();
      await expectNoViolation(page, 'accounts, empty');
      await page.getByRole('button', { name: 'New account' }).first().click();
      await expect(page.getByRole('dialog')).toBeVisible();
      await expectNoViolation(page, 'the dialog of a new account');
      await visitAndCheck(page, [
        ['/groups', 'Groups'],
        ['/trades', 'Trades'],
        ['/alerts', 'Alerts'],
        ['/settings', 'Settings'],
      ]);
      await page.getByRole('button', { name: 'Stop copying' }).click();
      await expect(page.getByRole('dialog', { name: 'Stop copying' })).toBeVisible();
      await expectNoViolation(page, 'the dialog of the stop button');
    });

    test('pages with an open copy break no rule of accessibility', async ({ page, terminals }) => {
      await signUp(page);
      const masterKey = await createAccount(page, 'Gold master', 'Master');
      const followerKey = await createAccount(page, 'Follower one', 'Follower');
      await expect(page.getByText('Follower one').first()).toBeVisible();
      await expectNoViolation(page, 'accounts');

      await openDashboard(page, 'Gold master');
      const token = await masterToken(page);
      const master = await terminals.master(masterKey);
      await terminals.follower(followerKey, token);
      master.open({
        side: 'BUY',
        symbol: 'XAUUSD',
        price: '2030.50',
        lots: '0.10',
        ticket: '1001',
      });
      await expect(
        page.getByRole('table', { name: 'Open trades' }).getByText('XAUUSD'),
      ).toBeVisible();
      await expectNoViolation(page, "a master's dashboard");

      await openDashboard(page, 'Follower one');
      await expect(page.getByRole('tab', { name: 'Open (1)' })).toBeVisible();
      await expectNoViolation(page, "a follower's dashboard");

      await page.getByRole('tabpanel').getByRole('link').first().click();
      await expect(page.getByRole('heading', { name: 'Copy of #1001' })).toBeVisible();
      await expectNoViolation(page, 'a copy');
      await visitAndCheck(page, [['/trades', 'Trades']]);
    });
  });
}
