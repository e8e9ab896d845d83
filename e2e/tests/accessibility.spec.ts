import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { Api, addAccount, addGroup, addTrade, beginRules } from '../api.ts';
import { expect, test } from '../fixtures.ts';
import {
  allowTrading,
  beginConnecting,
  createAccount,
  enterKey,
  goTo,
  masterToken,
  openDashboard,
  signUp,
  speakThai,
} from '../steps.ts';

/** What the colours of a page may break. All else is the same in every theme. */
const COLOURS = ['color-contrast', 'link-in-text-block'];
const ALL = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** Looks at what is shown in both themes. */
async function expectNoViolation(page: Page, where: string): Promise<void> {
  // What the header happens to cover in a scrolled page would count as too small to touch.
  await page.evaluate(() => scrollTo(0, 0));
  await wear(page, 'light');
  const light = await lastingViolations(page, (axe) => axe.withTags(ALL));
  await wear(page, 'dark');
  const dark = await lastingViolations(page, (axe) => axe.withRules(COLOURS));
  expect({ light, dark }, where).toEqual({ light: [], dark: [] });
}

/** Shows the page in a theme, and waits until it is: the application hears of it a moment later. */
async function wear(page: Page, theme: 'light' | 'dark'): Promise<void> {
  await page.emulateMedia({ colorScheme: theme });
  await expect(page.locator('html')).toHaveCSS('color-scheme', theme);
}

/** Waits until all is read and nothing moves. Colours too change over time, of one element later than of another. */
async function atRest(page: Page): Promise<void> {
  await expect(page.getByRole('status').filter({ hasText: /^(Loading|กำลังโหลด)/ })).toHaveCount(0);
  await page.evaluate(async () => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    await frame();
    await frame();
    const moving = document
      .getAnimations()
      .filter(({ effect }) => effect?.getComputedTiming().endTime !== Number.POSITIVE_INFINITY);
    await Promise.allSettled(moving.map(({ finished }) => finished));
  });
}

/** A page whose figures arrive may change under the look at it: what counts is there the second time, too. */
async function lastingViolations(
  page: Page,
  rules: (axe: AxeBuilder) => AxeBuilder,
): Promise<string[]> {
  await atRest(page);
  const first = await violationsOf(rules(new AxeBuilder({ page })));
  if (first.length === 0) return first;
  await atRest(page);
  return violationsOf(rules(new AxeBuilder({ page })));
}

async function violationsOf(axe: AxeBuilder): Promise<string[]> {
  // Without frames there is nothing to put together in a page of its own, which takes a second.
  const { violations } = await axe.setLegacyMode().analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`),
  );
}

/** Opens each address, as a link in the page would, and waits for its heading. */
async function visitAndCheck(
  page: Page,
  pages: [path: string, heading: string | RegExp][],
): Promise<void> {
  for (const [path, heading] of pages) {
    await goTo(page, path);
    await expect(page.getByRole('heading', { level: 1, name: heading })).toBeVisible();
    await expectNoViolation(page, path);
  }
}

// Each looks at many pages, and the checks take long on a busy machine. They share the workers.
test.setTimeout(900_000);
test.describe.configure({ mode: 'parallel' });
// A recording of every element of every page that is looked at takes longer than the looking. Where only what failed is
// recorded there is none to switch off, and a setting of its own would cost these stories worlds of their own.
if (!process.env.CI) test.use({ trace: 'off' });

test.beforeEach(({ page }) => page.emulateMedia({ reducedMotion: 'reduce' }));

test('pages without an account break no rule of accessibility', async ({ page }) => {
  await visitAndCheck(page, [
    ['/login', 'Sign in'],
    ['/register', 'Create your account'],
    ['/forgot', 'Forgot your password?'],
    ['/reset#a-link-of-a-mail', 'Set a new password'],
    ['/verify#a-link-of-a-mail', 'Confirm your e-mail address'],
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
  const links = page.getByRole('region', { name: 'Share links' });
  await links.getByRole('button', { name: 'Share', exact: true }).click();
  await expect(page.getByRole('dialog', { name: 'Share figures' })).toBeVisible();
  await expectNoViolation(page, 'the dialog that shares');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
  await page.getByRole('button', { name: 'Erase everything' }).click();
  await expect(page.getByRole('dialog', { name: 'Erase everything about you?' })).toBeVisible();
  await expectNoViolation(page, 'the dialog that erases');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'What the keys do' })).toBeVisible();
  await expectNoViolation(page, 'the list of keys');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('option', { name: 'Trades' })).toBeVisible();
  await expectNoViolation(page, 'the search by name');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
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
  await expect(page.getByRole('table', { name: 'Open trades' }).getByText('XAUUSD')).toBeVisible();
  await expectNoViolation(page, "a master's dashboard");

  await openDashboard(page, 'Follower one');
  await expect(page.getByRole('tab', { name: 'Open (1)' })).toBeVisible();
  await expectNoViolation(page, "a follower's dashboard");

  await page.getByRole('tabpanel').getByRole('link').first().click();
  await expect(page.getByRole('heading', { name: 'Copy of #1001' })).toBeVisible();
  await expectNoViolation(page, 'a copy');
  await visitAndCheck(page, [['/trades', 'Trades']]);

  await openDashboard(page, 'Follower one');
  await page.getByRole('tab', { name: 'Settings' }).click();
  await expect(page.getByRole('form', { name: /Copy settings/ })).toBeVisible();
  await expectNoViolation(page, 'copy settings');
  await page.getByRole('button', { name: 'Unfollow Gold master' }).click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await expectNoViolation(page, 'the dialog that ends a subscription');
});

test('a listed master and its profile break no rule of accessibility', async ({ page }) => {
  await signUp(page);
  await createAccount(page, 'Gold master', 'Master');
  await createAccount(page, 'Follower one', 'Follower');
  await openDashboard(page, 'Gold master');
  const slug = `gold-${test.info().project.name}`;
  await page.getByRole('switch', { name: 'Listed for everybody' }).click();
  await page.getByLabel('Address', { exact: true }).fill(slug);
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByRole('link', { name: 'See profile' })).toBeVisible();
  await page.getByRole('tab', { name: 'What if' }).click();
  await page.getByLabel('Price').fill('2030.50');
  await page.getByRole('button', { name: 'Show what would happen' }).click();
  await expect(page.getByText('Nobody follows this account')).toBeVisible();
  await expectNoViolation(page, 'what would happen');

  // The worker lists it a moment later.
  await expect(async () => {
    await page.goto(`/m/${slug}`);
    await expect(page.getByRole('heading', { level: 1, name: 'Gold master' })).toBeVisible({
      timeout: 2_000,
    });
  }).toPass();
  await expectNoViolation(page, 'the profile of a master');
  await page.getByRole('button', { name: 'Follow', exact: true }).click();
  await expect(page.getByRole('dialog', { name: 'Follow Gold master' })).toBeVisible();
  await expectNoViolation(page, 'the dialog that follows');
  await visitAndCheck(page, [['/masters', 'Masters']]);
});

test('pages of an exchange break no rule of accessibility', async ({ page, terminals, world }) => {
  const owner = await world.exchange.openAccount();
  await signUp(page);
  await visitAndCheck(page, [
    ['/connections', 'Connections'],
    ['/guides/bingx', 'Connect BingX'],
  ]);
  const masterKey = await createAccount(page, 'Coin master', 'Master');
  await openDashboard(page, 'Coin master');
  const token = await masterToken(page);
  const master = await terminals.master(masterKey, {
    symbol: 'BTCUSD',
    bid: '108999.5',
    ask: '109000.5',
  });

  const dialog = await beginConnecting(page, 'Coins');
  await expect(dialog.getByLabel('Secret key', { exact: true })).toBeVisible();
  await expectNoViolation(page, 'the dialog that connects');
  await enterKey(dialog, { ...owner, secret: `${owner.secret}0` });
  await expect(dialog.getByRole('alert')).toBeVisible();
  await expectNoViolation(page, 'a key that is refused');
  await enterKey(dialog, owner);
  await expect(dialog.getByText('Coins is connected')).toBeVisible();
  await expectNoViolation(page, 'a key that works');
  await dialog.getByRole('button', { name: 'Done' }).click();
  await allowTrading(page, 'Coins');
  await expectNoViolation(page, 'connections');

  await openDashboard(page, 'Coins');
  await page.getByLabel('Master token').fill(token);
  await page.getByRole('button', { name: 'Follow', exact: true }).click();
  await expect(page.getByText('Coin master').first()).toBeVisible();
  master.open({
    side: 'BUY',
    symbol: 'BTCUSD',
    price: '109000.0',
    lots: '0.01',
    ticket: '5001',
  });
  await expect(page.getByRole('table', { name: 'Positions at the exchange' })).toBeVisible();
  await expectNoViolation(page, 'the dashboard of an account at an exchange');
  await page.getByRole('tabpanel').getByRole('link').first().click();
  await expect(page.getByRole('heading', { name: 'Copy of #5001' })).toBeVisible();
  await expectNoViolation(page, 'a copy at an exchange');
});

test('pages of the journal break no rule of accessibility', async ({ page }) => {
  await signUp(page);
  const api = await Api.of(page);
  const account = await addAccount(api, 'By hand', 'none', { starting_balance: '10000' });
  for (const [symbol, exit_price] of [
    ['AAPL', '112'],
    ['MSFT', '95'],
  ]) {
    await addTrade(api, account, {
      symbol,
      exit_price,
      asset_type: 'stock',
      quantity: '10',
      entry_price: '100',
      stop_loss: '98',
      entry_at: '2026-11-02T09:00:00Z',
      exit_at: '2026-11-02T15:30:00Z',
    });
  }
  await visitAndCheck(page, [
    ['/', 'Overview'],
    ['/statistics', 'Statistics'],
    ['/trades/calendar?month=2026-11', 'Calendar'],
    ['/trades/days/2026-11-02', /^Monday,? 2 November 2026$/],
    ['/compare', 'Compare'],
    ['/profile', 'Ada Fleet'],
    ['/trades', 'Trades'],
  ]);
  await page.getByRole('checkbox', { name: 'Choose AAPL' }).check();
  await expectNoViolation(page, 'chosen trades');
  await page.getByRole('button', { name: 'Tag', exact: true }).click();
  await expect(page.getByRole('dialog', { name: 'Tag 1 trade' })).toBeVisible();
  await expectNoViolation(page, 'the dialog that tags');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'AAPL' }).click();
  await expect(page.getByRole('dialog', { name: 'Trade' }).getByLabel('Tags')).toBeVisible();
  await expectNoViolation(page, 'a trade beside the list');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Add trade' }).first().click();
  await expect(page.getByRole('dialog', { name: 'Add a trade' })).toBeVisible();
  await expectNoViolation(page, 'the form of a trade');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  await expect(page.getByRole('dialog', { name: 'Import trades' })).toBeVisible();
  await expectNoViolation(page, 'the dialog that imports');

  // The densest ones in the other language.
  await speakThai(page);
  await page.goto('/trades');
  await visitAndCheck(page, [
    ['/statistics', 'สถิติ'],
    ['/trades', 'รายการเทรด'],
  ]);
  await page.getByRole('button', { name: 'เพิ่มรายการ' }).first().click();
  await expect(page.getByRole('dialog', { name: 'เพิ่มรายการเทรด' })).toBeVisible();
  await expectNoViolation(page, 'the form of a trade in Thai');
});

test('pages of risk break no rule of accessibility', async ({ page, terminals }) => {
  await signUp(page);
  const api = await Api.of(page);
  const weak = await addAccount(api, 'FTMO-3', 'follower');
  const calm = await addAccount(api, 'APEX-1', 'follower');
  const bare = await addAccount(api, 'Without rules', 'follower');
  await beginRules(api, weak);
  await beginRules(api, calm);
  const reporter = await terminals.reporter(weak.api_key, 100_000);
  const group = await addGroup(api, 'Funded', [weak, calm, bare]);
  await page.goto('/groups');
  await page.getByRole('link', { name: 'Open the risk board' }).click();
  reporter.moveTo(95_900);
  const summary = page.getByRole('region', { name: 'Summary' });
  await expect(summary).toContainText('900.00 USD left');
  await expectNoViolation(page, 'a group');

  await page.getByRole('button', { name: 'Require rules' }).click();
  const rules = page.getByRole('dialog', { name: 'Rules for all accounts of Funded' });
  await rules.getByRole('button', { name: 'Require these rules' }).focus();
  await expect(rules.getByText('Daily loss')).toBeVisible();
  await expectNoViolation(page, 'the dialog that requires rules');
  await rules.getByRole('button', { name: 'Require these rules' }).click();
  await expect(rules).toBeHidden();
  await expectNoViolation(page, 'a group with deviations');

  await page.getByRole('region', { name: 'Guard' }).getByRole('button', { name: 'Set up' }).click();
  const guard = page.getByRole('dialog', { name: 'Guard of Funded' });
  await guard.getByRole('radio', { name: 'Stop new copies' }).check();
  await expect(guard.getByText('Already there')).toBeVisible();
  await expectNoViolation(page, 'the dialog of a guard');
  await guard.getByRole('button', { name: 'Save' }).click();
  await guard.getByRole('button', { name: 'Stop new copies now' }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'The guard acted' })).toBeVisible();
  await expectNoViolation(page, 'a group that its guard stopped');

  await visitAndCheck(page, [
    [`/risk/${weak.id}`, 'Risk of FTMO-3'],
    [`/risk/${bare.id}`, 'Risk of Without rules'],
    [`/risk/${bare.id}/reporter`, 'Set up the Reporter'],
  ]);

  // The densest ones in the other language: its lines are taller and break elsewhere.
  await speakThai(page);
  await page.goto('/accounts');
  await visitAndCheck(page, [
    ['/accounts', 'บัญชี'],
    [group, 'Funded'],
    [`/risk/${weak.id}`, 'ความเสี่ยงของ FTMO-3'],
  ]);
});
