import { screen, within } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import type { Operation } from '@/api/types';
import { aGroup, anAccount, anOperation } from '@/test/build';
import { open } from '@/test/render';
import { type Answer, pageOf, refuse, serve } from '@/test/server';

const master = anAccount();
const follower = anAccount({ id: 'account-2', name: 'Follower one', copy_role: 'follower' });
const STOPPED = {
  scope: 'all',
  account_id: null,
  group_id: null,
  since: '2026-11-20T12:00:00Z',
};

test('flatten says what it does, asks once and shows how far it is', async () => {
  const press = vi.fn<Answer>(() => anOperation());
  serve({
    'GET /api/v1/accounts': () => pageOf(master, follower),
    'POST /api/v1/stop': press,
    'GET /api/v1/stop/operation-1': () => anOperation(),
  });
  const { user } = await open('/accounts');

  await user.click(await screen.findByRole('button', { name: 'Stop copying' }));
  const dialog = await screen.findByRole('dialog', { name: 'Stop copying' });
  await user.click(within(dialog).getByRole('radio', { name: 'Stop and close everything' }));
  expect(dialog.textContent).toContain('This cannot be taken back.');
  await user.click(within(dialog).getByRole('button', { name: 'Close everything' }));

  const progress = await screen.findByRole('dialog', { name: 'Closing every copy' });
  expect(press.mock.calls[0]?.[0].body).toEqual({ scope: 'all', action: 'flatten' });
  expect(within(progress).getByRole('status').textContent).toBe('1 of 3 closed');
  const bar = within(progress).getByRole('progressbar', { name: 'Closed in Follower two' });
  expect([bar.getAttribute('aria-valuenow'), bar.getAttribute('aria-valuemax')]).toEqual([
    '0',
    '2',
  ]);
  expect(progress.textContent).toContain('Not connected: its closes wait');
});

test('progress goes on until every close is confirmed', async () => {
  let operation: Operation = anOperation();
  serve({
    'POST /api/v1/stop': () => operation,
    'GET /api/v1/stop/operation-1': () => operation,
  });
  const { user, queries } = await open('/accounts');
  await user.click(await screen.findByRole('button', { name: 'Stop copying' }));
  await user.click(await screen.findByRole('radio', { name: 'Stop and close everything' }));
  await user.click(screen.getByRole('button', { name: 'Close everything' }));
  const progress = await screen.findByRole('dialog', { name: 'Closing every copy' });

  operation = anOperation({ state: 'done', done: 3 });
  await queries.invalidateQueries({ queryKey: ['stop'] });

  expect(await within(progress).findByText(/each terminal has confirmed it/)).toBeDefined();
});

test('one account can be stopped, and a master warns of its other followers', async () => {
  const press = vi.fn<Answer>(() => anOperation({ action: 'stop_new', state: 'done', total: 0 }));
  serve({
    'GET /api/v1/accounts': () => pageOf(master, follower),
    'POST /api/v1/stop': press,
    'GET /api/v1/stop/operation-1': () =>
      anOperation({ action: 'stop_new', state: 'done', total: 0 }),
  });
  const { user } = await open('/accounts');
  await user.click(await screen.findByRole('button', { name: 'Stop copying' }));
  const dialog = await screen.findByRole('dialog', { name: 'Stop copying' });

  await user.click(within(dialog).getByRole('radio', { name: 'One account' }));
  expect(dialog.textContent).toContain('Their open copies stay theirs');
  await user.selectOptions(within(dialog).getByLabelText('Account'), 'account-2');
  expect(dialog.textContent).not.toContain('Their open copies stay theirs');
  await user.click(within(dialog).getByRole('button', { name: 'Stop new copies' }));

  await screen.findByRole('dialog', { name: 'New copies are stopped' });
  expect(press.mock.calls[0]?.[0].body).toEqual({
    scope: 'account',
    action: 'stop_new',
    account_id: 'account-2',
  });
});

test('accounts that come after the window can be stopped at once, and one that went is not shown as another', async () => {
  let come: (page: object) => void = () => {};
  let accounts: Promise<object> | object = new Promise<object>((resolve) => {
    come = resolve;
  });
  const press = vi.fn<Answer>(() => refuse(404, 'not_found'));
  serve({ 'GET /api/v1/accounts': () => accounts, 'POST /api/v1/stop': press });
  const { user, queries } = await open('/settings');
  await user.click(await screen.findByRole('button', { name: 'Stop copying' }));
  const dialog = await screen.findByRole('dialog', { name: 'Stop copying' });
  come(pageOf(master, follower));
  await user.click(await within(dialog).findByRole('radio', { name: 'One account' }));
  const choice = within(dialog).getByLabelText<HTMLSelectElement>('Account');
  const stop = () => user.click(within(dialog).getByRole('button', { name: 'Stop new copies' }));
  await stop();
  await within(dialog).findByRole('alert');

  await user.selectOptions(choice, 'account-2');
  accounts = pageOf(master);
  await queries.invalidateQueries();
  await vi.waitFor(() => expect(within(dialog).queryByText(/Follower one/)).toBeNull());
  expect(choice.value).toBe('account-2');
  await stop();

  await vi.waitFor(() => expect(press).toHaveBeenCalledTimes(2));
  const asked = press.mock.calls.map(([{ body }]) => (body as { account_id: string }).account_id);
  expect(asked).toEqual(['account-1', 'account-2']);
});

test('a group can be stopped, and a master in it warns of its other followers', async () => {
  const press = vi.fn<Answer>(() => anOperation({ action: 'stop_new', state: 'done', total: 0 }));
  serve({
    'GET /api/v1/accounts': () => pageOf(master, follower),
    'GET /api/v1/groups': () =>
      pageOf(aGroup([follower]), aGroup([master, follower], { id: 'group-2', name: 'All of it' })),
    'POST /api/v1/stop': press,
    'GET /api/v1/stop/operation-1': () =>
      anOperation({ action: 'stop_new', state: 'done', total: 0 }),
  });
  const { user } = await open('/accounts');
  await user.click(await screen.findByRole('button', { name: 'Stop copying' }));
  const dialog = await screen.findByRole('dialog', { name: 'Stop copying' });

  await user.click(await within(dialog).findByRole('radio', { name: 'One group' }));
  expect(within(dialog).getByRole('option', { name: 'Funded · 1 account' })).toBeDefined();
  expect(dialog.textContent).toContain('put into the group later is stopped too');
  expect(dialog.textContent).not.toContain('There is a master in the group');
  await user.selectOptions(within(dialog).getByLabelText('Group'), 'group-2');
  expect(dialog.textContent).toContain('There is a master in the group');
  await user.click(within(dialog).getByRole('button', { name: 'Stop new copies' }));

  await screen.findByRole('dialog', { name: 'New copies are stopped' });
  expect(press.mock.calls[0]?.[0].body).toEqual({
    scope: 'group',
    action: 'stop_new',
    group_id: 'group-2',
  });
});

test('a stopped group is named above every page and resumed from there', async () => {
  const press = vi.fn<Answer>(() => anOperation({ action: 'resume', state: 'done', total: 0 }));
  serve({
    'GET /api/v1/groups': () => pageOf(aGroup([follower])),
    'GET /api/v1/stop': () => ({
      stops: [{ ...STOPPED, scope: 'group', group_id: 'group-1' }],
      operations: [],
    }),
    'POST /api/v1/stop': press,
  });
  const { user } = await open('/settings');

  expect(await screen.findByText(/Copying is stopped for the group Funded/)).toBeDefined();
  await user.click(screen.getByRole('button', { name: 'Resume Funded' }));
  const dialog = await screen.findByRole('dialog', { name: 'Resume copying?' });
  expect(dialog.textContent).toContain('for the accounts of Funded');
  await user.click(within(dialog).getByRole('button', { name: 'Resume copying' }));

  await vi.waitFor(() => expect(press).toHaveBeenCalled());
  expect(press.mock.calls[0]?.[0].body).toEqual({
    scope: 'group',
    action: 'resume',
    group_id: 'group-1',
  });
});

test('each stop is resumed by a question of its own', async () => {
  const group = { ...STOPPED, scope: 'group', group_id: 'group-1' };
  let isDown = true;
  const press = vi.fn<Answer>(() =>
    isDown ? refuse(503, 'busy') : anOperation({ action: 'resume', state: 'done', total: 0 }),
  );
  serve({
    'GET /api/v1/groups': () => pageOf(aGroup([follower])),
    'GET /api/v1/stop': () => ({ stops: [STOPPED, group], operations: [] }),
    'POST /api/v1/stop': press,
  });
  const { user } = await open('/settings');
  const ask = async (name: string) => {
    await user.click(await screen.findByRole('button', { name }));
    return within(await screen.findByRole('dialog', { name: 'Resume copying?' }));
  };

  const everything = await ask('Resume every account');
  await user.click(everything.getByRole('button', { name: 'Resume copying' }));
  await everything.findByRole('alert');
  await user.click(everything.getByRole('button', { name: 'Cancel' }));
  await vi.waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());

  const one = await ask('Resume Funded');
  expect(one.queryByRole('alert')).toBeNull();
  isDown = false;
  const verb = one.getByRole('button', { name: 'Resume copying' });
  await user.click(verb);
  await vi.waitFor(() => expect(press).toHaveBeenCalledTimes(2));
  // A double click that comes after the answer.
  verb.click();
  await vi.waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(press.mock.calls.map(([{ body }]) => body)).toEqual([
    { scope: 'all', action: 'resume' },
    { scope: 'group', action: 'resume', group_id: 'group-1' },
  ]);
});

test('a stop that is under way cannot be cancelled, and is heard of', async () => {
  let answer: (refusal: object) => void = () => {};
  const answered = new Promise<object>((resolve) => {
    answer = resolve;
  });
  serve({ 'POST /api/v1/stop': () => answered });
  const { user } = await open('/accounts');
  await user.click(await screen.findByRole('button', { name: 'Stop copying' }));
  const dialog = await screen.findByRole('dialog', { name: 'Stop copying' });
  await user.click(within(dialog).getByRole('button', { name: 'Stop new copies' }));

  await user.click(within(dialog).getByRole('button', { name: 'Cancel' }));
  await user.click(within(dialog).getByRole('button', { name: 'Close' }));
  await user.keyboard('{Escape}');
  answer(refuse(503, 'unavailable'));

  const still = await screen.findByRole('dialog', { name: 'Stop copying' });
  expect((await within(still).findByRole('alert')).textContent).toContain('cannot reach');
  await user.click(within(still).getByRole('button', { name: 'Cancel' }));
  await vi.waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
});

test('a refused stop says so and stays open', async () => {
  serve({ 'POST /api/v1/stop': () => refuse(503, 'unavailable') });
  const { user } = await open('/accounts');
  await user.click(await screen.findByRole('button', { name: 'Stop copying' }));

  await user.click(await screen.findByRole('button', { name: 'Stop new copies' }));

  expect((await screen.findByRole('alert')).textContent).toContain('cannot reach its database');
});

test('while copying is stopped every page says so, and it is resumed after a question', async () => {
  let stops = [STOPPED];
  const press = vi.fn<Answer>(() => {
    stops = [];
    return anOperation({ action: 'resume', state: 'done', total: 0 });
  });
  serve({
    'GET /api/v1/stop': () => ({ stops, operations: [] }),
    'POST /api/v1/stop': press,
  });
  const { user } = await open('/settings');

  expect(await screen.findByText(/Copying is stopped for every account/)).toBeDefined();
  await user.click(screen.getByRole('button', { name: 'Resume every account' }));
  const dialog = await screen.findByRole('dialog', { name: 'Resume copying?' });
  expect(dialog.textContent).toContain('What was missed is not made up for');
  await user.click(within(dialog).getByRole('button', { name: 'Resume copying' }));

  await vi.waitFor(() =>
    expect(screen.queryByText(/Copying is stopped for every account/)).toBeNull(),
  );
  expect(press.mock.calls[0]?.[0].body).toEqual({ scope: 'all', action: 'resume' });
});

test('a running stop can be looked at again from the strip', async () => {
  serve({
    'GET /api/v1/stop': () => ({ stops: [STOPPED], operations: [anOperation()] }),
    'GET /api/v1/stop/operation-1': () => anOperation(),
  });
  const { user } = await open('/accounts');

  expect(await screen.findByText('Closing copies: 1 of 3 confirmed.')).toBeDefined();
  await user.click(screen.getByRole('button', { name: 'Show progress' }));

  expect(await screen.findByRole('dialog', { name: 'Closing every copy' })).toBeDefined();
});
