import { screen, within } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import type { User } from '@/api/types';
import { anAccount, anExchangeKey, aSession, aUser } from '@/test/build';
import { someStats } from '@/test/build-stats';
import { open } from '@/test/render';
import { type Answer, pageOf, refuse, serve } from '@/test/server';

test('the keys of all accounts that have one come first', async () => {
  serve({
    'GET /api/v1/accounts': () =>
      pageOf(
        anAccount(),
        anAccount({ id: 'account-2', name: 'Follower one', api_key_prefix: 'sk_live_cd34' }),
        anAccount({ id: 'account-3', name: 'Coins', platform: 'bingx', api_key_prefix: 'none' }),
      ),
  });
  const { user } = await open('/settings');

  const card = await screen.findByRole('region', { name: 'API keys of your accounts' });
  expect(within(screen.getByRole('main')).getAllByRole('region')[0]).toBe(card);
  const keys = (await within(card).findAllByRole('listitem')).map(({ textContent }) => textContent);
  expect(keys).toHaveLength(2);
  expect(keys[0]).toContain('Gold mastersk_live_ab12•');
  expect(keys[1]).toContain('Follower onesk_live_cd34•');

  const [show] = within(card).getAllByRole('button', { name: 'Show API key' });
  await user.click(show ?? card);
  expect(await screen.findByRole('dialog')).toBeDefined();
});

test('name, zone and language are kept for the user', async () => {
  const save = vi.fn<Answer>(({ body }) => aUser(body as Partial<User>));
  serve({ 'PATCH /api/v1/me': save });
  const { user } = await open('/settings');

  const profile = within(await screen.findByRole('region', { name: 'Profile' }));
  await user.clear(profile.getByLabelText('Name'));
  await user.click(profile.getByRole('button', { name: 'Save' }));
  expect(await profile.findByText('Enter something here.')).toBeDefined();
  expect(save).not.toHaveBeenCalled();
  await user.type(profile.getByLabelText('Name'), ' Nok Noi ');
  await user.click(profile.getByRole('button', { name: 'Save' }));
  await vi.waitFor(() => expect(save.mock.lastCall?.[0].body).toEqual({ name: 'Nok Noi' }));

  const looks = within(screen.getByRole('region', { name: 'Appearance' }));
  await user.selectOptions(looks.getByLabelText('Time zone'), 'Europe/Berlin');
  await vi.waitFor(() =>
    expect(save.mock.lastCall?.[0].body).toEqual({ time_zone: 'Europe/Berlin' }),
  );
  await user.selectOptions(looks.getByLabelText('Language'), 'th');
  expect(await screen.findByRole('heading', { level: 1, name: 'ตั้งค่า' })).toBeDefined();
  await vi.waitFor(() => expect(save.mock.lastCall?.[0].body).toEqual({ language: 'th' }));
});

test('a password is changed by whoever knows it', async () => {
  const answers = [refuse(403, 'wrong_password'), 'nothing'];
  const change = vi.fn<Answer>(() => answers.shift());
  const sessions = vi.fn<Answer>(() => ({ items: [] }));
  serve({ 'POST /api/v1/me/password': change, 'GET /api/v1/me/sessions': sessions });
  const { user } = await open('/settings');
  const card = within(await screen.findByRole('region', { name: 'Password' }));
  const submit = card.getByRole('button', { name: 'Change password' });

  await user.type(card.getByLabelText('Current password'), 'seven tall ships');
  await user.type(card.getByLabelText('New password'), 'too short');
  await user.click(submit);
  expect(await card.findByText('Use at least 12 characters.')).toBeDefined();
  expect(change).not.toHaveBeenCalled();

  await user.type(card.getByLabelText('New password'), ' by far');
  await user.click(submit);
  expect(await card.findByText('This password is wrong.')).toBeDefined();
  expect(card.getByLabelText<HTMLInputElement>('New password').value).toBe('too short by far');

  const before = sessions.mock.calls.length;
  await user.click(submit);
  expect(await card.findByText(/Your password is changed/)).toBeDefined();
  expect(change.mock.lastCall?.[0].body).toEqual({
    current_password: 'seven tall ships',
    new_password: 'too short by far',
  });
  expect(card.getByLabelText<HTMLInputElement>('New password').value).toBe('');
  await vi.waitFor(() => expect(sessions.mock.calls.length).toBeGreaterThan(before));
});

test('everything that is kept comes as one file, and a failure is said', async () => {
  const saved: (string | null)[] = [];
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (
    this: HTMLAnchorElement,
  ) {
    saved.push(this.getAttribute('download'));
  });
  const held = vi.spyOn(URL, 'createObjectURL').mockImplementation(() => 'blob:file');
  const answers = [refuse(503, 'busy'), Response.json({ user: 'Nok' })];
  serve({ 'GET /api/v1/me/export': () => answers.shift() });
  const { user } = await open('/settings');
  const card = within(await screen.findByRole('region', { name: 'Your data' }));

  await user.click(card.getByRole('button', { name: 'Download everything' }));
  expect(await card.findByRole('alert')).toBeDefined();
  await user.click(card.getByRole('button', { name: 'Download everything' }));
  await vi.waitFor(() => expect(saved).toEqual(['flotilla-export.json']));
  expect(await (held.mock.lastCall?.[0] as Blob).text()).toBe('{"user":"Nok"}');
  expect(card.getByRole('button', { name: 'Erase everything' })).toBeDefined();
});

test('the profile says who one is here, and what the own trades brought', async () => {
  const last = new Date(Date.now() - 9_000_000).toISOString();
  serve({
    'POST /api/v1/auth/refresh': () => aSession({ last_login_at: last, email_verified: true }),
    'GET /api/v1/accounts': () => pageOf(anAccount()),
    'GET /api/v1/exchange-keys': () => ({
      items: [
        anExchangeKey({ environment: 'live' }),
        anExchangeKey({ account_id: 'account-3', environment: 'live', status: 'failed' }),
      ],
      egress_addresses: [],
    }),
    'GET /api/v1/stats': () => someStats(),
  });
  await open('/profile');

  const facts = within(await screen.findByRole('region', { name: 'Profile' }));
  const fact = (name: string) => facts.getByText(name).parentElement?.textContent;
  expect(fact('E-mail address')).toContain('nok@example.comConfirmed');
  expect(fact('Role')).toBe('RoleTrader');
  expect(fact('Joined')).toBe('Joined20 Nov 2026');
  expect(fact('Last sign-in')).toMatch(/^Last sign-in2\shrs?\sago$/);
  expect(facts.getByText('Last sign-in').parentElement?.querySelector('time')?.dateTime).toBe(last);
  await vi.waitFor(() => expect(fact('Accounts')).toBe('Accounts1'));
  await vi.waitFor(() =>
    expect(fact('Exchange connections')).toBe('Exchange connections2 connections, 1 not working'),
  );

  const results = await screen.findByRole('region', { name: 'Results' });
  await vi.waitFor(() => expect(results.textContent).toContain('▲ +100.00 USD'));
  expect(results.textContent).toContain('Balance10,000.00 USD');
  expect(results.textContent).toContain('Win rate50.0%');
  expect(results.textContent).toContain('Closed trades2');
  const connections = facts.getByRole('link', { name: /2 connections/ });
  expect(connections.getAttribute('href')).toBe('/connections');
});
