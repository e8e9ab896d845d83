import { screen } from '@testing-library/react';
import { expect, test } from 'vitest';
import { aUser } from '@/test/build';
import { open } from '@/test/render';
import { refuse, serve } from '@/test/server';

const signedOut = { 'POST /api/v1/auth/refresh': () => refuse(401, 'session_expired') };

test('a link without its token, or one that was used, says what to do', async () => {
  serve({ ...signedOut, 'POST /api/v1/auth/reset': () => refuse(400, 'invalid_link') });
  const { user } = await open('/reset#used');

  await user.type(await screen.findByLabelText('New password'), 'seven tall ships');
  await user.click(screen.getByRole('button', { name: 'Set this password' }));

  expect(await screen.findByText('This link does not work')).toBeDefined();
  expect(screen.getByRole('link', { name: 'Ask for a new link' })).toBeDefined();
});

test('a forgotten password is answered without telling whether anybody has the address', async () => {
  const calls = serve({ ...signedOut, 'POST /api/v1/auth/forgot': () => 'nothing' });
  const { user } = await open('/forgot');

  await user.type(await screen.findByLabelText('E-mail address'), 'nok@example.com');
  await user.click(screen.getByRole('button', { name: 'Send the link' }));

  expect(await screen.findByText(/If somebody signs in with nok@example.com/)).toBeDefined();
  expect(calls).toContain('POST /api/v1/auth/forgot');
});

test('an address is confirmed by a press, not by opening the link', async () => {
  const calls = serve({
    ...signedOut,
    'POST /api/v1/auth/verify': () => aUser({ email: 'nok@example.com', email_verified: true }),
  });
  const { user } = await open('/verify#token');

  const button = await screen.findByRole('button', { name: 'Confirm this address' });
  expect(calls).not.toContain('POST /api/v1/auth/verify');
  await user.click(button);

  expect(await screen.findByText(/You sign in with nok@example.com/)).toBeDefined();
});
