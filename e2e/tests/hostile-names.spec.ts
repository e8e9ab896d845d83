import type { Page } from '@playwright/test';
import { Api, addAccount, addGroup, addTrade } from '../api.ts';
import { expect, test } from '../fixtures.ts';
import { goTo, newUser, signUp } from '../steps.ts';

/** Each tells where it got through. */
const NAMES = {
  user: `<img src=x onerror="hit('user')">`,
  account: `"><script>hit('account')</script>`,
  group: `<svg onload="hit('group')">`,
  symbol: `<iframe srcdoc="<script>parent.hit(1)</script>">`,
  tag: '<details open ontoggle=hit(1)>',
  notes: `<a href="javascript:hit('notes')">notes</a>`,
  link: `javascript:hit('link')//'><svg/onload=hit(1)>`,
};

/** What none of our pages has by itself. */
const MADE_BY_A_NAME =
  'main script, iframe, [onerror], [onload], [ontoggle], [href^="javascript:"]';

async function expectText(page: Page, name: string): Promise<void> {
  const shown = page.getByRole('main').getByText(name).filter({ visible: true });
  await expect(shown.first(), page.url()).toBeVisible();
  await expect(page.locator(MADE_BY_A_NAME), page.url()).toHaveCount(0);
}

test('names that are script are text on every page, also for strangers', async ({ page }) => {
  const hits: string[] = [];
  await page.exposeFunction('hit', (where: unknown) => hits.push(String(where)));
  await signUp(page, newUser(NAMES.user));
  const api = await Api.of(page);
  const account = await addAccount(api, NAMES.account, 'none', { starting_balance: '1000' });
  const group = await addGroup(api, NAMES.group, [account]);
  for (const exit_price of ['112', '95']) {
    await addTrade(api, account, {
      symbol: NAMES.symbol,
      tags: [NAMES.tag],
      notes: NAMES.notes,
      asset_type: 'stock',
      quantity: '10',
      entry_price: '100',
      exit_price,
      entry_at: '2026-11-02T09:00:00Z',
      exit_at: '2026-11-02T15:30:00Z',
    });
  }
  const { token } = await api.call<{ token: string }>('POST', '/shares', {
    name: NAMES.link,
    sections: ['statistics', 'curve', 'trades', 'positions'],
    shows_money: true,
    shows_names: true,
    delay_minutes: 0,
    expires_in_days: 7,
  });

  const pages: [path: string, ...names: string[]][] = [
    ['/', NAMES.account, NAMES.symbol],
    ['/accounts', NAMES.account],
    ['/groups', NAMES.group],
    [group, NAMES.group],
    [`/dashboard/${account.id}`, NAMES.account, NAMES.symbol],
    [`/risk/${account.id}`, NAMES.account],
    ['/statistics', NAMES.symbol],
    ['/trades/days/2026-11-02', NAMES.symbol],
    ['/compare', NAMES.account],
    ['/settings', NAMES.account, NAMES.link],
    ['/profile', NAMES.user],
    [`/shared/${token}`, NAMES.link, NAMES.account, NAMES.symbol],
    ['/trades', NAMES.symbol, NAMES.account],
  ];
  for (const [path, ...names] of pages) {
    await goTo(page, path);
    for (const name of names) await expectText(page, name);
  }

  const row = page.getByRole('button', { name: NAMES.symbol, exact: true });
  await row.first().click();
  const drawer = page.getByRole('dialog', { name: 'Trade', exact: true });
  await expect(drawer.getByLabel('Tags')).toHaveValue(NAMES.tag);
  await expect(drawer.getByLabel('Notes')).toHaveValue(NAMES.notes);
  await expect(page.locator(MADE_BY_A_NAME)).toHaveCount(0);
  await drawer.getByRole('button', { name: 'Delete', exact: true }).click();
  const question = page.getByRole('dialog', { name: `Delete the trade in ${NAMES.symbol}?` });
  await expect(question).toBeVisible();
  await expect(page.locator(MADE_BY_A_NAME)).toHaveCount(0);
  expect(hits).toEqual([]);
});

test('script that got into a page all the same is stopped by its policy', async ({
  browser,
  world,
}) => {
  // In a browser of its own: whatever else the stories open has to keep to the policy.
  const page = await browser.newPage({ baseURL: world.origin });
  await page.goto('/login');

  const told = await page.evaluate(async () => {
    const stopped: string[] = [];
    const all = new Promise<void>((done) => {
      document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => {
        if (stopped.push(effectiveDirective) === 3) done();
      });
    });
    const inline = document.createElement('script');
    inline.textContent = 'document.body.dataset.hit = "inline"';
    const foreign = document.createElement('script');
    foreign.src = 'https://example.com/script.js';
    document.body.append(inline, foreign);
    document.body.insertAdjacentHTML(
      'beforeend',
      `<img src="data:," onerror="document.body.dataset.hit = 'handler'">`,
    );
    await all;
    return { stopped: stopped.sort(), hit: document.body.dataset.hit ?? null };
  });

  expect(told).toEqual({
    stopped: ['script-src-attr', 'script-src-elem', 'script-src-elem'],
    hit: null,
  });
  await page.close();
});
