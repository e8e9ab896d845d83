import { screen, within } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { keys } from '@/api/keys';
import { applyMessages } from '@/api/stream/apply';
import type { StreamMessage } from '@/api/stream/messages';
import type { Alert } from '@/api/types';
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

test('what is urgent enough comes up over the page, and stays until it is dismissed or read', async () => {
  serve({});
  const { queries, user } = await open('/settings');
  await screen.findByRole('region', { name: 'Alerts' });
  const told = (type: 'alert.created' | 'alert.updated', changes: Partial<Alert>) => {
    const data = anAlert({ kind: 'risk_violated', severity: 'critical', ...changes });
    applyMessages(queries, [
      { type, data, topic: 'alerts', seq: 1, at: data.last_at } as StreamMessage,
    ]);
  };
  const areShown = (count: number) =>
    vi.waitFor(() => expect(screen.queryAllByRole('alert')).toHaveLength(count));
  told('alert.created', { id: 'alert-1' });
  for (const id of ['alert-2', 'alert-3', 'alert-4', 'alert-5']) {
    told('alert.created', { id, kind: 'open_refused', severity: 'warning' });
  }
  const shown = await screen.findByRole('alert');
  expect(within(shown).getByRole('link', { name: 'Open the inbox' })).toBeDefined();
  expect(screen.getAllByRole('button', { name: 'Dismiss' })).toHaveLength(1);

  told('alert.created', { id: 'alert-6' });
  await areShown(2);
  told('alert.updated', { id: 'alert-6', read_at: '2026-11-20T12:30:00Z' });
  await areShown(1);
  await user.click(within(screen.getByRole('alert')).getByRole('button', { name: 'Dismiss' }));
  await areShown(0);
  expect(screen.queryByRole('button', { name: 'Dismiss' })).toBeNull();

  told('alert.created', { id: 'alert-1', times_seen: 2 });
  await areShown(1);
});

test('what the inbox hides is read where it comes up', async () => {
  const read = vi.fn<Answer>(() => anAlert({ read_at: '2026-11-20T12:30:00Z' }));
  serve({
    'GET /api/v1/me/alert-levels': () => ({ inbox: 'critical', popup: 'info', mail: null }),
    'POST /api/v1/alerts/alert-1/read': read,
  });
  const { queries, user } = await open('/settings');
  await screen.findByRole('region', { name: 'Alerts' });
  queries.setQueryData(keys.toldAlerts, [anAlert({ id: 'alert-1' })]);

  await user.click(await screen.findByRole('button', { name: 'Dismiss' }));

  await vi.waitFor(() => expect(read).toHaveBeenCalledTimes(1));
  expect(screen.queryByRole('link', { name: 'Open the inbox' })).toBeNull();
});
