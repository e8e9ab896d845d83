import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import { keys } from '@/api/keys';
import { anAccount, aSession, aUser } from '@/test/build';
import { open } from '@/test/render';
import { pageOf, refuse, serve } from '@/test/server';

const signedOut = { 'POST /api/v1/auth/refresh': () => refuse(401, 'session_expired') };

test('who is not signed in comes back to the page that was asked for', async () => {
  serve({
    ...signedOut,
    'POST /api/v1/auth/login': () => aSession(),
  });
  const { user, path } = await open('/trades?status=open');

  await user.type(await screen.findByLabelText('E-mail address'), 'nok@example.com');
  await user.type(screen.getByLabelText('Password'), 'seven tall ships');
  await user.click(screen.getByRole('button', { name: 'Sign in' }));

  expect(await screen.findByRole('heading', { level: 1, name: 'Trades' })).toBeDefined();
  expect(path()).toBe('/trades?status=open');
});

test('a wrong password says so and keeps the address', async () => {
  serve({ ...signedOut, 'POST /api/v1/auth/login': () => refuse(401, 'invalid_credentials') });
  const { user } = await open('/login');

  await user.type(await screen.findByLabelText('E-mail address'), 'nok@example.com');
  await user.type(screen.getByLabelText('Password'), 'wrong');
  await user.click(screen.getByRole('button', { name: 'Sign in' }));

  expect((await screen.findByRole('alert')).textContent).toContain('password is wrong');
  expect(screen.getByLabelText<HTMLInputElement>('E-mail address').value).toBe('nok@example.com');
});

test.each([
  ['registration_closed', 'New sign-ups are closed'],
  ['invalid_invite', 'invitation code is not valid'],
])('a sign-up refused with %s is explained', async (code, sentence) => {
  serve({ ...signedOut, 'POST /api/v1/auth/register': () => refuse(403, code) });
  const { user } = await open('/register');

  await user.type(await screen.findByLabelText('Your name'), 'Nok');
  await user.type(screen.getByLabelText('E-mail address'), 'nok@example.com');
  await user.type(screen.getByLabelText('Password'), 'seven tall ships');
  await user.click(screen.getByRole('button', { name: 'Create account' }));

  expect((await screen.findByRole('alert')).textContent).toContain(sentence);
});

test('a short password is refused before it is sent', async () => {
  const calls = serve(signedOut);
  const { user } = await open('/register');

  await user.type(await screen.findByLabelText('Password'), 'short');
  await user.click(screen.getByRole('button', { name: 'Create account' }));

  expect(await screen.findByText('Use at least 12 characters.')).toBeDefined();
  expect(calls).not.toContain('POST /api/v1/auth/register');
});

test('a session that ends while working leads to the sign-in and remembers the page', async () => {
  let refreshes = 0;
  serve({
    'POST /api/v1/auth/refresh': () =>
      refreshes++ === 0 ? aSession() : refuse(401, 'session_expired'),
    'GET /api/v1/accounts': () => pageOf(anAccount()),
    'GET /api/v1/trades': () => refuse(401, 'unauthenticated'),
  });
  const { user, path } = await open('/accounts');

  await screen.findByRole('link', { name: 'Gold master' });
  await user.click(screen.getAllByRole('link', { name: 'Trades' })[0] ?? document.body);

  expect(await screen.findByText(/Your session ended/)).toBeDefined();
  await waitFor(() => expect(path()).toContain('next=%2Ftrades'));
});

test('signing out forgets what was shown', async () => {
  serve({
    'GET /api/v1/accounts': () => pageOf(anAccount()),
    'POST /api/v1/auth/logout': () => 'nothing',
  });
  const { user, queries, path } = await open('/settings');

  await user.click(await screen.findByRole('button', { name: 'Sign out' }));

  expect(await screen.findByRole('heading', { name: 'Sign in' })).toBeDefined();
  expect(path()).toBe('/login');
  await waitFor(() => expect(queries.getQueryData(['accounts'])).toBeUndefined());
});

test('whoever signs in after somebody else sees nothing of him', async () => {
  const other = { id: '0193-other', time_zone: 'America/New_York' };
  serve({ ...signedOut, 'POST /api/v1/auth/login': () => aSession(other) });
  const { user, queries } = await open('/login?next=/accounts');
  await screen.findByLabelText('Password');
  queries.setQueryData(keys.me, aUser());
  queries.setQueryData(['of-somebody'], 'balance');

  await user.type(screen.getByLabelText('E-mail address'), 'ada@example.com');
  await user.type(screen.getByLabelText('Password'), 'seven tall ships');
  await user.click(screen.getByRole('button', { name: 'Sign in' }));

  expect(await screen.findByRole('heading', { level: 1, name: 'Accounts' })).toBeDefined();
  expect(queries.getQueryData(['of-somebody'])).toBeUndefined();
  expect(await screen.findByText(/America\/New_York/)).toBeDefined();
});

test('a page ends when somebody else signs in beside it', async () => {
  serve({ 'GET /api/v1/accounts': () => pageOf(anAccount()) });
  const { queries, path } = await open('/accounts');
  await screen.findByRole('link', { name: 'Gold master' });
  const beside = new BroadcastChannel('flotilla.session');

  beside.postMessage(aUser().id);
  beside.postMessage('0193-other');

  expect(await screen.findByRole('heading', { name: 'Sign in' })).toBeDefined();
  beside.close();
  expect(path()).toBe('/login');
  await waitFor(() => expect(queries.getQueryData(keys.accounts)).toBeUndefined());
});

test('whoever could not be signed out is told', async () => {
  let isDown = true;
  serve({ 'POST /api/v1/auth/logout': () => (isDown ? refuse(503, 'busy') : 'nothing') });
  const { user } = await open('/groups');

  await user.click(await screen.findByRole('button', { name: 'Account' }));
  const leave = await screen.findByRole('menuitem', { name: 'Sign out' });
  await user.click(leave);
  expect(await within(screen.getByRole('menu')).findByRole('alert')).toBeDefined();
  isDown = false;
  await user.click(leave);

  expect(await screen.findByRole('heading', { name: 'Sign in' })).toBeDefined();
});
