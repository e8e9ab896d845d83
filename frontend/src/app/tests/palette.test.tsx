import { screen, within } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { anAccount } from '@/test/build';
import { open } from '@/test/render';
import { pageOf, serve } from '@/test/server';

test('a few letters lead to an account, a page or the stop button, also while somebody types', async () => {
  serve({
    'GET /api/v1/accounts': () =>
      pageOf(anAccount(), anAccount({ id: 'account-9', name: 'Silver follower' })),
  });
  const { user, path } = await open('/trades');
  await user.click(await screen.findByLabelText('Symbol'));

  await user.keyboard('{Control>}k{/Control}');
  const field = await screen.findByRole('combobox', { name: /^Name of an account/ });
  await user.type(field, 'follow silv');
  const [only, ...others] = screen.getAllByRole('option');
  expect(only?.textContent).toContain('Silver follower');
  expect(others).toEqual([]);
  expect(field.getAttribute('aria-activedescendant')).toBe(only?.id);
  await user.keyboard('{Enter}');
  await vi.waitFor(() => expect(path()).toBe('/dashboard/account-9'));

  await user.click(await screen.findByRole('button', { name: 'Go to… (Ctrl K)' }));
  const list = await screen.findByRole('listbox', { name: 'Go to' });
  await user.keyboard('s{ArrowDown}');
  const options = within(list).getAllByRole('option');
  expect(options.map((each) => each.getAttribute('aria-selected')).slice(0, 2)).toEqual([
    'false',
    'true',
  ]);
  await user.clear(screen.getByRole('combobox', { name: /^Name of an account/ }));
  await user.keyboard('stop{Enter}');
  expect(await screen.findByRole('dialog', { name: 'Stop copying' })).toBeDefined();
});
