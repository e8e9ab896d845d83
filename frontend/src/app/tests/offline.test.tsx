import { onlineManager } from '@tanstack/react-query';
import { screen, within } from '@testing-library/react';
import { afterEach, expect, test, vi } from 'vitest';
import { anAccount, anOperation } from '@/test/build';
import { open } from '@/test/render';
import { pageOf, serve } from '@/test/server';

afterEach(() => onlineManager.setOnline(true));

test('what is pressed without a network fails at once, and is not sent later', async () => {
  let hasNetwork = true;
  let sent = 0;
  serve({
    'GET /api/v1/accounts': () => pageOf(anAccount()),
    'POST /api/v1/stop': () => {
      if (!hasNetwork) throw new TypeError('no network');
      sent += 1;
      return anOperation();
    },
  });
  const { user } = await open('/accounts');
  await user.click(await screen.findByRole('button', { name: 'Stop copying' }));
  const dialog = await screen.findByRole('dialog', { name: 'Stop copying' });
  await user.click(within(dialog).getByRole('radio', { name: 'Stop and close everything' }));

  hasNetwork = false;
  onlineManager.setOnline(false);
  await user.click(within(dialog).getByRole('button', { name: 'Close everything' }));
  expect((await within(dialog).findByRole('alert')).textContent).toContain('did not answer');
  await user.click(within(dialog).getByRole('button', { name: 'Cancel' }));

  hasNetwork = true;
  onlineManager.setOnline(true);
  // What would wait goes out in the moments after the network is back.
  await vi.waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  await new Promise((done) => setTimeout(done, 50));
  expect(sent).toBe(0);
});

test('a page opened without a network says that the server does not answer', async () => {
  serve({
    'GET /api/v1/accounts': () => pageOf(anAccount()),
    'GET /api/v1/groups': () => {
      throw new TypeError('no network');
    },
  });
  const { user } = await open('/accounts');
  await screen.findByRole('link', { name: 'Gold master' });

  onlineManager.setOnline(false);
  await user.click(screen.getAllByRole('link', { name: 'Groups' })[0] ?? document.body);

  expect(await screen.findByRole('button', { name: 'Try again' })).toBeDefined();
});
