import { expect, test } from '../fixtures.ts';
import { newUser, signUp } from '../steps.ts';

test('a language chosen in the settings stays chosen', async ({ page }) => {
  await signUp(page);
  await page.goto('/settings');

  await page.getByLabel('Language').and(page.locator('select')).selectOption('th');
  await expect(page.getByRole('heading', { level: 1, name: 'ตั้งค่า' })).toBeVisible();
  await page.reload();

  await expect(page.locator('html')).toHaveAttribute('lang', 'th');
  await page.goto('/accounts');
  await expect(page.getByRole('heading', { level: 1, name: 'บัญชี' })).toBeVisible();
});

test.describe('in a Thai browser', () => {
  test.use({ locale: 'th-TH' });

  test('the pages speak Thai and keep western years', async ({ page }) => {
    const user = newUser();
    await page.goto('/register');
    await expect(page.locator('html')).toHaveAttribute('lang', 'th');
    await page.getByLabel('อีเมล').fill(user.email);
    await page.locator('input[autocomplete="name"]').fill(user.name);
    await page.locator('input[type="password"]').fill(user.password);
    await page.locator('button[type="submit"]').click();
    await expect(page.getByRole('heading', { level: 1, name: 'ภาพรวม' })).toBeVisible();

    await page.goto('/settings');

    await expect(page.getByText(String(new Date().getUTCFullYear())).first()).toBeVisible();
  });
});
