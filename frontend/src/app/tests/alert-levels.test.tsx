import { screen, within } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { keys } from '@/api/keys';
import { anAlert, aUser } from '@/test/build';
import { open } from '@/test/render';
import { type Answer, serve } from '@/test/server';

test('each channel has its least severity, and the inbox none that hides what is critical', async () => {
  const put = vi.fn<Answer>(({ body }) => ({
    inbox: 'info',
    popup: 'critical',
    mail: 'critical',
    ...(body as object),
  }));
  serve({ 'PUT /api/v1/me/alert-levels': put });
  const { user } = await open('/settings');
  const card = await screen.findByRole('region', { name: 'Alerts' });
  const inbox = await within(card).findByLabelText('In the inbox');
  expect(within(inbox).queryByRole('option', { name: 'never' })).toBeNull();
  await user.selectOptions(inbox, 'only what needs you now');
  await user.selectOptions(within(card).getByLabelText(/^Over the page/), 'never');

  await vi.waitFor(() => expect(put).toHaveBeenCalledTimes(2));
  expect(put.mock.calls.map(([{ body }]) => body)).toEqual([
    { inbox: 'critical' },
    { popup: null },
  ]);
  expect((await within(card).findByRole('status')).textContent).toBe('Saved.');
});

test('mails are chosen like the others, and whoever gets none is told why', async () => {
  const put = vi.fn<Answer>(() => ({ inbox: 'info', popup: 'critical', mail: null }));
  serve({ 'PUT /api/v1/me/alert-levels': put });
  const { user, queries } = await open('/settings');
  const card = await screen.findByRole('region', { name: 'Alerts' });
  const mail = await within(card).findByLabelText(/^By mail/);
  expect(mail).toHaveProperty('value', 'critical');
  expect(within(card).getByText(/confirm your e-mail address first/)).toBeDefined();
  await user.selectOptions(mail, 'never');
  await within(card).findByRole('status');
  expect(put.mock.calls.map(([{ body }]) => body)).toEqual([{ mail: null }]);
  expect(mail).toHaveProperty('value', '');

  queries.setQueryData(keys.me, aUser({ email_verified: true }));
  expect(await within(card).findByText(/^To nok@example.com/)).toBeDefined();
});

test('what is urgent enough comes up over the page, until it is dismissed', async () => {
  serve({});
  const { user, queries } = await open('/settings');
  await screen.findByRole('region', { name: 'Alerts' });
  queries.setQueryData(keys.newestAlert, anAlert({ id: 'alert-1', severity: 'warning' }));
  queries.setQueryData(
    keys.newestAlert,
    anAlert({ id: 'alert-2', kind: 'risk_violated', severity: 'critical' }),
  );
  const shown = await screen.findByRole('alert');
  expect(within(shown).getByRole('link', { name: 'Open the inbox' })).toBeDefined();
  await user.click(within(shown).getByRole('button', { name: 'Dismiss' }));
  expect(screen.queryByRole('alert')).toBeNull();
  queries.setQueryData(keys.newestAlert, anAlert({ id: 'alert-3', severity: 'warning' }));
  expect(screen.queryByRole('button', { name: 'Dismiss' })).toBeNull();
});
