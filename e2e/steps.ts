import { randomBytes } from 'node:crypto';
import { expect, type Locator, type Page } from '@playwright/test';
import type { SimAccount } from './world/bingx-sim.ts';

/** What a user does on the pages, by the words a user reads. */

export interface User {
  name: string;
  email: string;
  password: string;
}

export function newUser(name = 'Ada Fleet'): User {
  const email = `${randomBytes(5).toString('hex')}@example.com`;
  return { name, email, password: 'seven tall ships at dawn' };
}

export async function signUp(page: Page, user = newUser()): Promise<User> {
  await page.goto('/register');
  await page.getByLabel('Your name').fill(user.name);
  await page.getByLabel('E-mail address').fill(user.email);
  await page.getByLabel('Password', { exact: true }).fill(user.password);
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByRole('heading', { name: 'Overview' })).toBeVisible();
  await page.goto('/accounts');
  await expect(page.getByRole('heading', { name: 'Accounts' })).toBeVisible();
  return user;
}

export async function signIn(page: Page, user: User): Promise<void> {
  await page.getByLabel('E-mail address').fill(user.email);
  await page.getByLabel('Password', { exact: true }).fill(user.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** What the dialog of a new account has set already. */
interface Beginning {
  platform?: string;
  /** The preset, and something that it says before anything is saved. */
  preset?: { name: string; says: string };
}

/** Creates an account through the dialog and returns the key that is shown once. */
export async function createAccount(
  page: Page,
  name: string,
  role: 'Master' | 'Follower',
  { platform, preset }: Beginning = {},
): Promise<string> {
  await page.goto('/accounts');
  await page.getByRole('button', { name: 'New account' }).first().click();
  const dialog = page.getByRole('dialog', { name: 'New account' });
  await dialog.getByLabel('Name').fill(name);
  await dialog.getByRole('radio', { name: role }).check();
  if (platform) await dialog.getByLabel('Platform').selectOption({ label: platform });
  if (preset) {
    await dialog.getByLabel('Begin with').selectOption(preset.name);
    await expect(dialog).toContainText(preset.says);
  }
  await dialog.getByRole('button', { name: 'Create account' }).click();
  const created = page.getByRole('dialog', { name: `${name} is ready to connect` });
  const key = await secretIn(created, /sk_live_[0-9a-f]{32}/);
  await created.getByRole('button', { name: 'I have copied the key' }).click();
  await expect(created).toBeHidden();
  return key;
}

/** Opens an account's dashboard from the list. */
export async function openDashboard(page: Page, name: string): Promise<void> {
  await page.goto('/accounts');
  await page.getByRole('link', { name, exact: true }).first().click();
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
}

/** Reads a master's token from its dashboard, which must be open. */
export async function masterToken(page: Page): Promise<string> {
  const show = page.getByRole('button', { name: 'Show Master token' });
  if (await show.isVisible()) await show.click();
  return secretIn(page.locator('main'), /MST-[0-9a-f]{32}/);
}

async function chooseOption(page: Page, account: string, option: string): Promise<void> {
  await page.goto('/accounts');
  await page.getByRole('button', { name: `Options for ${account}` }).click();
  await page.getByRole('menuitem', { name: option }).click();
}

export async function rename(page: Page, account: string, to: string): Promise<void> {
  await chooseOption(page, account, 'Rename');
  const dialog = page.getByRole('dialog', { name: `Rename ${account}` });
  await dialog.getByLabel('Name').fill(to);
  await dialog.getByRole('button', { name: 'Rename' }).click();
  await expect(page.getByText(to).first()).toBeVisible();
}

export async function archive(page: Page, account: string): Promise<void> {
  await chooseOption(page, account, 'Archive');
  await page.getByRole('button', { name: 'Archive account' }).click();
  await expect(page.getByRole('main').getByText(account, { exact: true })).toBeHidden();
}

export async function signOut(page: Page): Promise<void> {
  await page.goto('/settings');
  await page.getByRole('main').getByRole('button', { name: 'Sign out' }).click();
}

/** Whatever element shows it, text or field. */
async function secretIn(place: Locator, pattern: RegExp): Promise<string> {
  let found: string | undefined;
  await expect(async () => {
    const text = await place.evaluate((element) =>
      [
        element.textContent,
        ...Array.from(element.querySelectorAll('input'), ({ value }) => value),
      ].join(' '),
    );
    found = pattern.exec(text)?.[0];
    expect(found, `${pattern} on the page`).toBeDefined();
  }).toPass({ timeout: 10_000 });
  return found ?? '';
}

/** From the page of connections to the form of a new account's key. */
export async function beginConnecting(page: Page, name: string): Promise<Locator> {
  await page.goto('/connections');
  await page.getByRole('button', { name: 'Connect BingX' }).first().click();
  const choice = page.getByRole('dialog', { name: 'Connect BingX' });
  await choice.getByLabel('Name of the account').fill(name);
  await choice.getByRole('button', { name: 'Continue' }).click();
  return page.getByRole('dialog', { name: `Connect ${name} to BingX` });
}

/** Enters a key and its secret, and connects. */
export async function enterKey(dialog: Locator, { key, secret }: SimAccount): Promise<void> {
  await dialog.getByLabel('API key', { exact: true }).fill(key);
  await dialog.getByLabel('Secret key', { exact: true }).fill(secret);
  await dialog.getByRole('button', { name: 'Connect', exact: true }).click();
}

/** Lets copies become orders in an account, on the open page of connections. */
export async function allowTrading(page: Page, name: string): Promise<void> {
  const trades = page.getByRole('switch', { name: `Trade in ${name}` });
  await trades.click();
  await page.getByRole('button', { name: 'Trade', exact: true }).click();
  await expect(trades).toBeChecked();
}

/** Goes to an address as a link in the page would, without loading the application anew once it is there. */
export async function goTo(page: Page, path: string): Promise<void> {
  if (page.url() === 'about:blank') await page.goto(path);
  else await page.evaluate((to) => history.pushState(null, '', to), path);
}

/** Nothing is wider than the screen. */
export async function fits(page: Page): Promise<void> {
  const [content, screen] = await page.evaluate(() => [
    document.documentElement.scrollWidth,
    innerWidth,
  ]);
  expect(content).toBeLessThanOrEqual(screen ?? 0);
}

/** From the next page that is loaded on, the pages speak Thai. */
export async function speakThai(page: Page): Promise<void> {
  await page.evaluate(() => localStorage.setItem('flotilla.language', 'th'));
}
