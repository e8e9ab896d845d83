import { screen, within } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { aGroup, anAccount, anOperation } from '@/test/build';
import { open } from '@/test/render';
import { type Answer, pageOf, refuse, serve } from '@/test/server';

const master = anAccount();
const follower = anAccount({ id: 'account-2', name: 'Follower one', copy_role: 'follower' });
const STOP = {
  scope: 'group',
  account_id: null,
  group_id: 'group-1',
  since: '2026-11-20T12:00:00Z',
};

async function choose(user: Awaited<ReturnType<typeof open>>['user'], option: string) {
  await user.click(await screen.findByRole('button', { name: 'Options for Funded' }));
  await user.click(await screen.findByRole('menuitem', { name: option }));
}

test('without groups the page says what they are for, and the first one is made', async () => {
  let groups = pageOf<ReturnType<typeof aGroup>>();
  const create = vi.fn<Answer>(() => {
    groups = pageOf(aGroup());
    return aGroup();
  });
  serve({ 'GET /api/v1/groups': () => groups, 'POST /api/v1/groups': create });
  const { user } = await open('/groups');

  expect(await screen.findByText('No groups yet')).toBeDefined();
  expect(screen.getByText(/In an emergency you stop new copies in the whole group/)).toBeDefined();
  await user.click(screen.getAllByRole('button', { name: 'New group' })[0] ?? document.body);
  const dialog = await screen.findByRole('dialog', { name: 'New group' });
  await user.click(within(dialog).getByRole('button', { name: 'Create group' }));
  expect(await within(dialog).findByText('Enter something here.')).toBeDefined();
  await user.type(within(dialog).getByLabelText('Name'), ' Funded ');
  await user.click(within(dialog).getByRole('button', { name: 'Create group' }));

  expect(await screen.findByRole('heading', { name: 'Funded' })).toBeDefined();
  expect(create.mock.calls[0]?.[0].body).toEqual({ name: 'Funded' });
  expect(screen.getByText('No account is in this group yet.')).toBeDefined();
});

test('accounts are put into a group and taken out', async () => {
  const add = vi.fn<Answer>(() => aGroup([master, follower]));
  const calls = serve({
    'GET /api/v1/accounts': () => pageOf(master, follower),
    'GET /api/v1/groups': () => pageOf(aGroup([master])),
    'POST /api/v1/groups/group-1/accounts': add,
    'DELETE /api/v1/groups/group-1/accounts/account-1': () => 'nothing',
  });
  const { user } = await open('/groups');
  const members = await screen.findByRole('list', { name: 'Accounts of Funded' });
  expect(within(members).getByRole('link', { name: 'Gold master' })).toBeDefined();

  await user.click(screen.getByRole('button', { name: 'Add account' }));
  let dialog = await screen.findByRole('dialog', { name: 'Add an account to Funded' });
  const offered = within(dialog).getAllByRole('option');
  expect(offered.map(({ textContent }) => textContent)).toEqual(['Follower one · Follower']);
  await user.click(within(dialog).getByRole('button', { name: 'Add account' }));
  await vi.waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(add.mock.calls[0]?.[0].body).toEqual({ account_id: 'account-2' });

  await user.click(screen.getByRole('button', { name: 'Take Gold master out of the group' }));
  dialog = await screen.findByRole('dialog', { name: 'Take Gold master out of Funded?' });
  await user.click(within(dialog).getByRole('button', { name: 'Take out' }));
  await vi.waitFor(() =>
    expect(calls).toContain('DELETE /api/v1/groups/group-1/accounts/account-1'),
  );
});

test('a stopped group says so, and what joining and leaving mean', async () => {
  serve({
    'GET /api/v1/accounts': () => pageOf(master, follower),
    'GET /api/v1/groups': () => pageOf(aGroup([master])),
    'GET /api/v1/stop': () => ({ stops: [STOP], operations: [] }),
    'DELETE /api/v1/groups/group-1': () => refuse(409, 'group_stopped'),
  });
  const { user } = await open('/groups');
  expect(await screen.findByText('Copying stopped')).toBeDefined();

  await user.click(screen.getByRole('button', { name: 'Add account' }));
  let dialog = await screen.findByRole('dialog', { name: 'Add an account to Funded' });
  expect(dialog.textContent).toContain('What it has open stays open');
  await user.click(within(dialog).getByRole('button', { name: 'Cancel' }));
  await user.click(screen.getByRole('button', { name: 'Take Gold master out of the group' }));
  dialog = await screen.findByRole('dialog', { name: 'Take Gold master out of Funded?' });
  expect(dialog.textContent).toContain('copies new trades again');
  await user.click(within(dialog).getByRole('button', { name: 'Cancel' }));
  await choose(user, 'Delete group');
  dialog = await screen.findByRole('dialog', { name: 'Delete Funded?' });
  await user.click(within(dialog).getByRole('button', { name: 'Delete group' }));
  expect((await within(dialog).findByRole('alert')).textContent).toContain('Resume it first');
});

test('while nobody knows whether a group is stopped the worse is told, and it is asked again', async () => {
  let isAway = true;
  serve({
    'GET /api/v1/accounts': () => pageOf(master, follower),
    'GET /api/v1/groups': () => pageOf(aGroup([master])),
    'GET /api/v1/stop': () =>
      isAway ? refuse(503, 'unavailable') : { stops: [STOP], operations: [] },
  });
  const { user } = await open('/groups');
  await user.click(
    await screen.findByRole('button', { name: 'Take Gold master out of the group' }),
  );
  const dialog = await screen.findByRole('dialog', { name: 'Take Gold master out of Funded?' });
  expect(dialog.textContent).toContain('copies new trades again');
  expect(screen.queryByText('Copying stopped')).toBeNull();
  isAway = false;
  expect(await screen.findByText('Copying stopped')).toBeDefined();
});

test('a rename that comes too late says so and reads the group again', async () => {
  const rename = vi.fn<Answer>(() => refuse(409, 'stale_version'));
  const calls = serve({
    'GET /api/v1/groups': () => pageOf(aGroup([], { version: 4 })),
    'PUT /api/v1/groups/group-1': rename,
  });
  const { user } = await open('/groups');
  await choose(user, 'Rename');
  const dialog = await screen.findByRole('dialog', { name: 'Rename Funded' });
  await user.clear(within(dialog).getByLabelText('Name'));
  await user.type(within(dialog).getByLabelText('Name'), 'Prop');
  const before = calls.filter((call) => call === 'GET /api/v1/groups').length;
  await user.click(within(dialog).getByRole('button', { name: 'Rename' }));

  expect((await within(dialog).findByRole('alert')).textContent).toContain('Nothing was saved');
  expect(rename.mock.calls[0]?.[0].body).toEqual({ name: 'Prop', version: 4 });
  await vi.waitFor(() =>
    expect(calls.filter((call) => call === 'GET /api/v1/groups').length).toBeGreaterThan(before),
  );
});

test('the stop dialog opened from a group has it chosen', async () => {
  const press = vi.fn<Answer>(() => anOperation({ scope: 'group', group_id: 'group-1' }));
  serve({
    'GET /api/v1/accounts': () => pageOf(master, follower),
    'GET /api/v1/groups': () =>
      pageOf(aGroup([], { id: 'group-0', name: 'Other' }), aGroup([follower])),
    'POST /api/v1/stop': press,
    'GET /api/v1/stop/operation-1': () => anOperation(),
  });
  const { user } = await open('/groups');
  await choose(user, 'Stop copying…');
  const dialog = await screen.findByRole('dialog', { name: 'Stop copying' });

  await user.click(within(dialog).getByRole('radio', { name: 'Stop and close everything' }));
  await user.click(within(dialog).getByRole('button', { name: 'Close everything' }));

  expect(await screen.findByRole('dialog', { name: 'Closing every copy' })).toBeDefined();
  expect(press.mock.calls[0]?.[0].body).toEqual({
    scope: 'group',
    action: 'flatten',
    group_id: 'group-1',
  });
});
