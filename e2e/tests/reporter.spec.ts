import type { Locator } from '@playwright/test';
import { Api, addAccount, beginRules } from '../api.ts';
import { expect, test } from '../fixtures.ts';
import { signUp } from '../steps.ts';

/** The colour of what is said, as the browser paints it. */
const colourOf = (place: Locator): Promise<string> =>
  place.evaluate((element) => getComputedStyle(element).color);

test('the set-up page waits for the Reporter, sees it come, and its figures are grey once it is gone', async ({
  page,
  terminals,
}) => {
  await signUp(page);
  const api = await Api.of(page);
  const account = await addAccount(api, 'FTMO-3', 'follower');
  await page.goto(`/risk/${account.id}/reporter`);
  const state = page.getByRole('status').filter({ hasText: /EA/ });
  await expect(state).toContainText('Waiting for your EA');

  const reporter = await terminals.reporter(account.api_key, 100_000);
  await expect(page.getByRole('status').filter({ hasText: 'Connected' })).toBeVisible();

  await beginRules(api, account);
  await page.goto(`/risk/${account.id}`);
  const heading = page.getByRole('main');
  const safe = heading.getByText('Safe', { exact: true }).first();
  await expect(safe).toBeVisible();
  const green = await colourOf(safe);

  reporter.stop();
  const path = `/accounts/${account.id}/rules`;
  const { version, rules } = await api.call<{ version: number; rules: object[] }>('GET', path);
  await api.call('PUT', path, { version, rules, stale_after_s: 2 });
  const old = heading.getByText('No fresh figures', { exact: true }).first();
  await expect(old).toBeVisible();
  await expect(heading.getByText('Safe', { exact: true })).toHaveCount(0);
  expect(await colourOf(old)).not.toBe(green);
  // Neither text nor bar of anything old is painted in the colour of what is safe.
  const painted = await heading.evaluate((main, green) => {
    const isShown = (element: Element) => element.getClientRects().length > 0;
    return Array.from(main.querySelectorAll('*')).filter((element) => {
      const style = getComputedStyle(element);
      return isShown(element) && (style.color === green || style.backgroundColor === green);
    }).length;
  }, green);
  expect(painted).toBe(0);
});

test('a limit that only pauses says until when, and a line set by mistake is taken back', async ({
  page,
  terminals,
}) => {
  await signUp(page);
  const api = await Api.of(page);
  const account = await addAccount(api, 'APEX-1', 'follower');
  await api.call('POST', `/accounts/${account.id}/phases`, {
    starting_balance: '100000',
    rules: [
      {
        id: 'pause',
        kind: 'max_daily_loss',
        severity: 'soft',
        limit: { type: 'amount', value: '1000' },
        reference: 'balance',
      },
      { id: 'total', kind: 'max_total_loss', limit: { type: 'amount', value: '10000' } },
    ],
  });
  const reporter = await terminals.reporter(account.api_key, 100_000);
  await page.goto(`/risk/${account.id}`);
  await expect(page.getByText('1,000.00 USD left', { exact: true })).toBeVisible();
  reporter.moveTo(98_900);
  await expect(page.getByRole('main').getByRole('alert')).toContainText('Trading pauses until');

  await page.getByRole('button', { name: 'More for these rules' }).click();
  await page.getByRole('menuitem', { name: 'The firm moved a line…' }).click();
  const floor = page.getByRole('dialog', { name: 'The firm moved a line' });
  await floor.getByLabel('The line is now at').fill('95000');
  await floor.getByLabel('Why').fill('First payout');
  await floor.getByRole('button', { name: 'Save' }).click();
  const list = page.getByRole('region', { name: 'What was corrected' });
  await expect(list).toContainText('line at 95,000.00 USD');
  await expect(list).toContainText('First payout');

  await list.getByRole('button', { name: 'Take back…' }).click();
  const back = page.getByRole('dialog', { name: /Take back: line at 95,000\.00/ });
  await back.getByLabel('Why it is taken back').fill('It was another account');
  await back.getByRole('button', { name: 'Take back' }).click();
  await expect(list).toContainText('Taken back');
  await expect(list).toContainText('It was another account');
  await expect(page.getByText('Line at 90,000.00 USD').first()).toBeVisible();
});
