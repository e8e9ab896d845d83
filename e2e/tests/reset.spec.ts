import { expectAccessible } from '../axe.ts';
import { expect, test } from '../fixtures.ts';
import { fits, signIn, signUp } from '../steps.ts';

const NEW_PASSWORD = 'nine small boats at noon';

test('who forgot the password comes back by mail, and everybody else is out', async ({
  page,
  world,
  browser,
}) => {
  const user = await signUp(page);
  const elsewhere = await browser.newPage({ baseURL: world.origin });
  await elsewhere.goto('/login');
  await signIn(elsewhere, user);
  await expect(elsewhere.getByRole('heading', { name: 'Overview' })).toBeVisible();
  await page.context().clearCookies();

  await page.goto('/login');
  await page.getByRole('link', { name: 'Forgot your password?' }).click();
  await expect(page.getByRole('heading', { name: 'Forgot your password?' })).toBeVisible();
  await page.getByLabel('E-mail address').fill(user.email.toUpperCase());
  await expectAccessible(page);
  await fits(page);
  await page.getByRole('button', { name: 'Send the link' }).click();
  await expect(page.getByText('Look into your mailbox')).toBeVisible();
  await expectAccessible(page);

  const link = await world.linkTo(user.email, 'reset_password');
  await page.goto(link);
  await expect(page.getByRole('heading', { name: 'Set a new password' })).toBeVisible();
  await page.getByLabel('New password').fill('short');
  await page.getByRole('button', { name: 'Set this password' }).click();
  await expect(page.getByText('Use at least 12 characters.')).toBeVisible();
  await expectAccessible(page);
  await fits(page);
  await page.getByLabel('New password').fill(NEW_PASSWORD);
  await page.getByRole('button', { name: 'Set this password' }).click();
  await expect(page.getByText('Your password is changed')).toBeVisible();
  await page.getByRole('link', { name: 'Sign in' }).click();
  await signIn(page, { ...user, password: NEW_PASSWORD });
  await expect(page.getByRole('heading', { name: 'Overview' })).toBeVisible();

  await elsewhere.reload();
  await expect(elsewhere.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await elsewhere.goto(link);
  await elsewhere.getByLabel('New password').fill('eleven more words here');
  await elsewhere.getByRole('button', { name: 'Set this password' }).click();
  await expect(elsewhere.getByText('This link does not work')).toBeVisible();
  await expect(elsewhere.getByRole('link', { name: 'Ask for a new link' })).toBeVisible();
  await expect.poll(async () => (await world.mails(user.email, 'password_changed')).length).toBe(1);
  await elsewhere.close();
});
