import { screen, within } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { open } from '@/test/render';
import { type Answer, refuse, serve } from '@/test/server';

test('erasing asks for the address and the password, and ends at the sign-in', async () => {
  const answers = [refuse(409, 'open_copies'), 'nothing'];
  const erase = vi.fn<Answer>(() => answers.shift());
  serve({ 'DELETE /api/v1/me': erase });
  const { user, path } = await open('/settings');

  await user.click(await screen.findByRole('button', { name: 'Erase everything' }));
  const dialog = await screen.findByRole('dialog', { name: 'Erase everything about you?' });
  const submit = within(dialog).getByRole('button', { name: 'Erase for good' });
  await user.type(within(dialog).getByLabelText('Your password'), 'seven tall ships');
  await user.type(within(dialog).getByLabelText('Type your e-mail address'), 'somebody@else.com');
  await user.click(submit);
  expect(erase).not.toHaveBeenCalled();

  const address = within(dialog).getByLabelText('Type your e-mail address');
  await user.clear(address);
  await user.type(address, 'Nok@example.com');
  await user.click(submit);
  expect(await within(dialog).findByText(/Copies of this account are still open/)).toBeDefined();
  expect(erase.mock.calls[0]?.[0].body).toEqual({ password: 'seven tall ships' });

  await user.click(submit);
  await vi.waitFor(() => expect(path()).toBe('/login'));
});
