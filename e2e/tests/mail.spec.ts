import { expectAccessible } from '../axe.ts';
import { expect, test } from '../fixtures.ts';
import { signIn, signUp } from '../steps.ts';

const NEW_PASSWORD = 'nine small boats at noon';

test('an address is confirmed by mail, and changed by one to the new address', async ({
  page,
  world,
}) => {
  const user = await signUp(page);
  const other = `new-${user.email}`;
  await page.goto('/settings');
  await expect(page.getByText('Not confirmed')).toBeVisible();
  await expectAccessible(page);

  await page.goto(await world.linkTo(user.email, 'verify_email'));
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Confirm this address' }).click();
  await expect(page.getByText('The address is confirmed')).toBeVisible();
  await page.goto('/settings');
  await expect(page.getByText('Confirmed', { exact: true })).toBeVisible();

  await page.getByRole('button', { name: 'Change address' }).click();
  const dialog = page.getByRole('dialog', { name: 'Change your e-mail address' });
  await dialog.getByLabel('New e-mail address').fill(other);
  await dialog.getByLabel('Your password').fill(user.password);
  await dialog.getByRole('button', { name: 'Send the link' }).click();
  await expect(dialog.getByText(`Look into the mailbox of ${other}`)).toBeVisible();
  await page.goto(await world.linkTo(other, 'confirm_email'));
  await page.getByRole('button', { name: 'Confirm this address' }).click();
  await expect(page.getByText(`You sign in with ${other}`)).toBeVisible();

  await page.goto('/profile');
  await expect(page.getByRole('heading', { level: 1, name: user.name })).toBeVisible();
  await expect(page.getByText(other).last()).toBeVisible();
  await expectAccessible(page);
  await expect.poll(async () => (await world.mails(user.email, 'email_changed')).length).toBe(1);
});

test.describe('in a Thai browser', () => {
  test.use({ locale: 'th-TH' });

  test('mails that confirm an address and reset a password speak Thai, and a used link says what to do', async ({
    page,
    world,
  }) => {
    const email = `${Date.now()}@example.com`;
    await page.goto('/register');
    await page.locator('input[autocomplete="name"]').fill('สมชาย');
    await page.getByLabel('อีเมล').fill(email);
    await page.locator('input[type="password"]').fill(NEW_PASSWORD);
    await page.locator('button[type="submit"]').click();
    await expect(page.getByRole('heading', { level: 1, name: 'ภาพรวม' })).toBeVisible();

    await world.linkTo(email, 'verify_email');
    const [mail] = await world.mails(email, 'verify_email');
    expect(mail).toContain('สวัสดี');
    expect(mail, 'a name could say anything to whoever owns the address').not.toContain('สมชาย');
    await page.context().clearCookies();
    await page.goto('/forgot');
    await page.getByLabel('อีเมล').fill(email);
    await page.getByRole('button', { name: 'ส่งลิงก์' }).click();
    await expect(page.getByText('โปรดตรวจอีเมลของคุณ')).toBeVisible();
    const link = await world.linkTo(email, 'reset_password');
    const [reset] = await world.mails(email, 'reset_password');
    expect(reset).toContain('สวัสดี');
    const setPassword = async (password: string) => {
      await page.goto(link);
      await page.locator('input[type="password"]').fill(password);
      await page.getByRole('button', { name: 'ใช้รหัสผ่านนี้' }).click();
    };
    await setPassword('nine large boats at noon');
    await expect(page.getByText('เปลี่ยนรหัสผ่านแล้ว')).toBeVisible();
    await page.getByRole('link', { name: 'เข้าสู่ระบบ', exact: true }).click();
    await expect(page).toHaveURL(/\/login/);
    await setPassword(NEW_PASSWORD);
    await expect(page.getByText('ลิงก์นี้ใช้ไม่ได้')).toBeVisible();
    await expect(page.getByRole('link', { name: 'ขอลิงก์ใหม่' })).toBeVisible();
  });
});

test('another device is signed out from the settings', async ({ page, world, browser }) => {
  const user = await signUp(page);
  const elsewhere = await browser.newPage({ baseURL: world.origin });
  await elsewhere.goto('/login');
  await signIn(elsewhere, user);
  await expect(elsewhere.getByRole('heading', { name: 'Overview' })).toBeVisible();

  await page.goto('/settings');
  await expect(page.getByText('This device')).toBeVisible();
  await page.getByRole('button', { name: /^Sign out .+/ }).click();
  const dialog = page.getByRole('dialog', { name: 'Sign this device out?' });
  await dialog.getByRole('button', { name: 'Sign out' }).click();
  await expect(dialog).toBeHidden();

  await expect(page.getByRole('button', { name: /^Sign out .+/ })).toHaveCount(0);
  await elsewhere.reload();
  await expect(elsewhere.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await page.reload();
  await expect(page.getByRole('heading', { level: 1, name: 'Settings' })).toBeVisible();
  await elsewhere.close();
});
