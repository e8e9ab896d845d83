import { screen, within } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { open } from '@/test/render';
import { type Answer, refuse, serve } from '@/test/server';

const KEY = {
  id: 'key-1',
  name: 'Spreadsheet',
  prefix: 'flt_Ab12Cd',
  scopes: ['read'],
  created_at: '2026-11-03T10:00:00Z',
  expires_at: '2999-01-01T00:00:00Z',
  last_used_at: null,
  revoked_at: null,
};

/** Types a key in and asks for it. */
async function askForKey() {
  const { user } = await open('/settings');
  const card = await screen.findByRole('region', { name: 'Keys for programs' });
  await user.click(within(card).getByRole('button', { name: 'New key' }));
  const dialog = await screen.findByRole('dialog', { name: 'New key' });
  await user.type(within(dialog).getByLabelText('Name of the key'), 'Bot');
  await user.type(within(dialog).getByLabelText(/[Pp]assword/), 'correct horse');
  await user.click(within(dialog).getByRole('button', { name: 'Create key' }));
  return { user, dialog };
}

test('nothing closes the window while the key is on its way', async () => {
  let answer: (made: object) => void = () => {};
  const made = new Promise<object>((resolve) => {
    answer = resolve;
  });
  serve({ 'POST /api/v1/me/api-keys': () => made });
  const { user, dialog } = await askForKey();

  await user.keyboard('{Escape}');
  await user.click(within(dialog).getByRole('button', { name: 'Cancel' }));
  await user.click(within(dialog).getByRole('button', { name: 'Close' }));
  answer({ ...KEY, key: 'flt_shown_once' });
  const shown = await screen.findByRole('dialog', { name: 'Your key is ready' });
  expect(shown.textContent).toContain('flt_shown_once');
});

test('a key whose answer was lost is not made twice, and another may be made', async () => {
  const keys: (string | null)[] = [];
  const answers: (() => unknown)[] = [
    () => {
      throw new TypeError('failed to fetch');
    },
    () => refuse(409, 'already_done'),
    () => ({ ...KEY, key: 'flt_shown_once' }),
  ];
  serve({
    'POST /api/v1/me/api-keys': ({ headers }) => {
      keys.push(headers.get('Idempotency-Key'));
      return answers.shift()?.();
    },
  });
  const { user, dialog } = await askForKey();

  const again = within(dialog).getByRole('button', { name: 'Create key' });
  expect((await within(dialog).findByRole('alert')).textContent).toContain('did not answer');
  await user.click(again);
  expect(await within(dialog).findByText(/secret cannot be shown again/)).toBeDefined();
  await user.click(again);
  expect(await screen.findByRole('dialog', { name: 'Your key is ready' })).toBeDefined();
  expect(keys[1]).toBe(keys[0]);
  expect(keys[2]).not.toBe(keys[0]);
});

test('a key for a program is made with the password, shown once, and revoked', async () => {
  const create = vi.fn<Answer>(() => ({ ...KEY, name: 'Bot', key: `flt_${'x'.repeat(40)}` }));
  const revoke = vi.fn<Answer>(() => 'nothing');
  serve({
    'GET /api/v1/me/api-keys': () => ({ items: [KEY] }),
    'POST /api/v1/me/api-keys': create,
    'DELETE /api/v1/me/api-keys/key-1': revoke,
  });
  const { user } = await open('/settings');
  const card = await screen.findByRole('region', { name: 'Keys for programs' });
  expect(await within(card).findByText(/not used yet/)).toBeDefined();
  expect(card.textContent).toContain('Read only');

  await user.click(within(card).getByRole('button', { name: 'New key' }));
  const dialog = await screen.findByRole('dialog', { name: 'New key' });
  await user.click(within(dialog).getByRole('button', { name: 'Create key' }));
  expect(dialog.textContent).toContain('Enter something here.');
  await user.type(within(dialog).getByLabelText('Name of the key'), 'Bot');
  await user.click(within(dialog).getByRole('radio', { name: /Read and trade/ }));
  await user.selectOptions(within(dialog).getByLabelText('Works for'), '30');
  await user.type(within(dialog).getByLabelText(/[Pp]assword/), 'correct horse');
  await user.click(within(dialog).getByRole('button', { name: 'Create key' }));
  const made = await screen.findByRole('dialog', { name: 'Your key is ready' });

  expect(create.mock.calls[0]?.[0].body).toEqual({
    name: 'Bot',
    scopes: ['trade'],
    expires_in_days: 30,
    password: 'correct horse',
  });
  expect(made.textContent).toContain('flt_xxx');
  await user.click(within(made).getByRole('button', { name: 'I have copied the key' }));

  await user.click(within(card).getByRole('button', { name: 'Revoke Spreadsheet' }));
  const question = await screen.findByRole('dialog', { name: 'Revoke Spreadsheet?' });
  await user.click(within(question).getByRole('button', { name: 'Revoke' }));
  await vi.waitFor(() => expect(revoke).toHaveBeenCalledOnce());
});
