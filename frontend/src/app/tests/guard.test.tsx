import { screen, within } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import type { GuardTrip } from '@/api/types';
import { aGroup, anAccount, anOperation } from '@/test/build';
import { aGroupRisk, aGuardState, aRisk, aSummary } from '@/test/build-risk';
import { open } from '@/test/render';
import { type Answer, pageOf, refuse, serve } from '@/test/server';

const account = anAccount({ name: 'FTMO-3' });
const TRIP: GuardTrip = {
  id: 'trip-1',
  scope: 'group',
  scope_id: 'group-1',
  scope_name: 'Funded',
  account_id: 'account-1',
  account_name: 'FTMO-3',
  rule_id: 'daily',
  kind: 'max_daily_loss',
  status: 'critical',
  action: 'stop_new',
  at: '2026-11-20T12:00:00Z',
};

function serveGroup(state = aGuardState(), answers: Record<string, Answer> = {}) {
  return serve({
    'GET /api/v1/accounts': () => pageOf(account),
    'GET /api/v1/groups': () => pageOf(aGroup([account], { version: 4, guard: state.guard })),
    'GET /api/v1/groups/group-1/risk': () => aGroupRisk({ guard: state }),
    ...answers,
  });
}

function serveAccount(state = aGuardState(), answers: Record<string, Answer> = {}) {
  return serve({
    'GET /api/v1/accounts/account-1': () => account,
    'GET /api/v1/accounts/account-1/risk': () => aRisk({ guard: state }),
    'GET /api/v1/accounts/account-1/guard': () => ({ ...state, version: 0 }),
    ...answers,
  });
}

test('a guard is off at first, and stops new copies in a group once it is told to', async () => {
  const put = vi.fn<Answer>(() => aGroup([account], { version: 5 }));
  serveGroup(aGuardState(), { 'PUT /api/v1/groups/group-1': put });
  const { user } = await open('/groups/group-1');
  const card = await screen.findByRole('region', { name: 'Guard' });
  expect(card.textContent).toContain('Off: nothing happens by itself');

  await user.click(within(card).getByRole('button', { name: 'Set up' }));
  const dialog = await screen.findByRole('dialog', { name: 'Guard of Funded' });
  expect(within(dialog).queryByRole('radiogroup', { name: 'From which status on' })).toBeNull();
  await user.click(within(dialog).getByRole('radio', { name: 'Stop new copies' }));
  expect(dialog.textContent).toContain('While figures are old or missing nobody can judge');
  await user.click(within(dialog).getByRole('radio', { name: 'Limit crossed' }));
  await user.click(within(dialog).getByRole('button', { name: 'Save' }));

  await vi.waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(put.mock.calls[0]?.[0].body).toEqual({
    name: 'Funded',
    guard: { status: 'violated', action: 'stop_new' },
    version: 4,
  });
});

test('what closes positions is asked for once more, and one may go back', async () => {
  const put = vi.fn<Answer>(() => ({ ...aGuardState(), version: 1 }));
  serveAccount(aGuardState(), { 'PUT /api/v1/accounts/account-1/guard': put });
  const { user } = await open('/risk/account-1');
  await user.click(await screen.findByRole('button', { name: 'Set up' }));
  const dialog = await screen.findByRole('dialog', { name: 'Guard of FTMO-3' });
  await user.click(within(dialog).getByRole('radio', { name: 'Stop and close everything' }));
  await user.click(within(dialog).getByRole('button', { name: 'Save' }));
  expect(dialog.textContent).toContain('every open copy of it is closed without asking you');
  expect(put).not.toHaveBeenCalled();

  await user.click(within(dialog).getByRole('button', { name: 'Back' }));
  expect(within(dialog).getByRole('radiogroup', { name: 'What it does' })).toBeDefined();
  await user.click(within(dialog).getByRole('button', { name: 'Save' }));
  await user.click(within(dialog).getByRole('button', { name: 'Turn on closing' }));
  await vi.waitFor(() => expect(put).toHaveBeenCalledOnce());
  expect(put.mock.calls[0]?.[0].body).toEqual({
    guard: { status: 'critical', action: 'close_all' },
    version: 0,
  });
});

test('turning a guard off says null, since silence would keep it', async () => {
  const put = vi.fn<Answer>(() => refuse(409, 'stale_version'));
  const state = aGuardState({ guard: { status: 'critical', action: 'close_all' } });
  serveAccount(state, { 'PUT /api/v1/accounts/account-1/guard': put });
  const { user } = await open('/risk/account-1');
  await user.click(await screen.findByRole('button', { name: 'Change' }));
  const dialog = await screen.findByRole('dialog', { name: 'Guard of FTMO-3' });
  await user.click(within(dialog).getByRole('radio', { name: 'Off' }));
  await user.click(within(dialog).getByRole('button', { name: 'Save' }));
  expect((await within(dialog).findByRole('alert')).textContent).toContain('Nothing was saved');
  expect(put.mock.calls[0]?.[0].body).toEqual({ guard: null, version: 0 });
});

test('a guard that another device changed while one was chosen is not replaced', async () => {
  const put = vi.fn<Answer>(({ body }) =>
    (body as { version: number }).version === 4
      ? refuse(409, 'stale_version')
      : aGroup([account], { version: 6 }),
  );
  let group = aGroup([account], { version: 4 });
  serveGroup(aGuardState(), {
    'GET /api/v1/groups': () => pageOf(group),
    'PUT /api/v1/groups/group-1': put,
  });
  const { user, queries } = await open('/groups/group-1');
  const card = await screen.findByRole('region', { name: 'Guard' });
  await user.click(within(card).getByRole('button', { name: 'Set up' }));
  const dialog = await screen.findByRole('dialog', { name: 'Guard of Funded' });

  group = aGroup([account], { version: 5, guard: { status: 'critical', action: 'close_all' } });
  await queries.invalidateQueries();
  await vi.waitFor(() => expect(card.textContent).not.toContain('Off: nothing happens by itself'));
  await user.click(within(dialog).getByRole('radio', { name: 'Tell me' }));
  await user.click(within(dialog).getByRole('button', { name: 'Save' }));
  expect((await within(dialog).findByRole('alert')).textContent).toContain('Nothing was saved');
  expect(put.mock.calls[0]?.[0].body).toMatchObject({ version: 4 });
});

test('a tripped guard says who tripped it and why, and a person resumes', async () => {
  const resume = vi.fn<Answer>(() => anOperation());
  const state = aGuardState({ guard: { status: 'critical', action: 'stop_new' }, trip: TRIP });
  serveGroup(state, {
    'POST /api/v1/stop': resume,
    'GET /api/v1/groups/group-1/guard/trips': () =>
      pageOf(
        { ...TRIP, resumed_at: null, resumed_by_name: null },
        {
          ...TRIP,
          id: 'trip-0',
          kind: null,
          status: 'caution',
          resumed_at: '2026-11-19T12:00:00Z',
          resumed_by_name: 'Nok',
        },
      ),
  });
  const { user } = await open('/groups/group-1');
  const banner = await screen.findByRole('alert');
  expect(banner.textContent).toContain('The guard acted: FTMO-3, Daily loss: Critical.');
  expect(banner.textContent).toContain('Nothing new is copied in Funded since');

  await user.click(screen.getByRole('button', { name: 'What it did' }));
  const [stands, past] = within(
    await screen.findByRole('list', { name: 'What it did' }),
  ).getAllByRole('listitem');
  expect(stands?.textContent).toContain('still stands');
  expect(past?.textContent).toContain('FTMO-3: Caution.');
  expect(past?.textContent).toContain('resumed by Nok');

  await user.click(within(banner).getByRole('button', { name: 'Resume…' }));
  const dialog = await screen.findByRole('dialog', { name: 'Resume copying for Funded?' });
  await user.click(within(dialog).getByRole('button', { name: 'Resume copying' }));
  await vi.waitFor(() => expect(resume).toHaveBeenCalledOnce());
  expect(resume.mock.calls[0]?.[0].body).toEqual({
    scope: 'group',
    action: 'resume',
    group_id: 'group-1',
  });
});

test('a guard that cannot see says whose figures are missing, without an alarm', async () => {
  const state = aGuardState({
    guard: { status: 'critical', action: 'stop_new' },
    holding: true,
    holding_accounts: ['account-1'],
  });
  serveGroup(state);
  await open('/groups/group-1');
  const notice = await screen.findByText('New copies are held back.');
  expect(notice.parentElement?.textContent).toContain('no fresh figures of FTMO-3');
  expect(screen.queryByRole('alert')).toBeNull();
});

test('a guard that would act as soon as it is saved says so before, and closing is named once more', async () => {
  const put = vi.fn<Answer>(() => aGroup([account], { version: 5 }));
  const guard = { status: 'violated', action: 'close_all' } as const;
  serveGroup(aGuardState({ guard }), {
    'GET /api/v1/groups/group-1/risk': () =>
      aGroupRisk({
        guard: aGuardState({ guard }),
        members: [
          aSummary(),
          aSummary({ account_id: 'account-2', account_name: 'APEX-1', status: 'stale' }),
        ],
      }),
    'PUT /api/v1/groups/group-1': put,
  });
  const { user } = await open('/groups/group-1');
  const card = await screen.findByRole('region', { name: 'Guard' });
  await user.click(within(card).getByRole('button', { name: 'Change' }));
  const dialog = await screen.findByRole('dialog', { name: 'Guard of Funded' });
  expect(dialog.textContent).not.toContain('Already there');
  expect(dialog.textContent).toContain('At this moment it cannot see APEX-1.');

  await user.click(within(dialog).getByRole('radio', { name: 'Caution' }));
  const warning = within(dialog).getByRole('status');
  expect(warning.textContent).toContain('Already there: FTMO-3 (Caution)');
  expect(warning.textContent).toContain('every open copy of Funded is closed');
  await user.click(within(dialog).getByRole('radio', { name: 'Stop new copies' }));
  expect(within(dialog).getByRole('status').textContent).toContain('nothing new is copied');
  await user.click(within(dialog).getByRole('button', { name: 'Save' }));
  expect(within(dialog).getByRole('button', { name: 'Stop new copies now' })).toBeDefined();
  expect(within(dialog).getByRole('alert').textContent).not.toContain(
    'Closing cannot be taken back',
  );
  await user.click(within(dialog).getByRole('button', { name: 'Back' }));
  await user.click(within(dialog).getByRole('radio', { name: 'Stop and close everything' }));
  await user.click(within(dialog).getByRole('button', { name: 'Save' }));
  expect(put).not.toHaveBeenCalled();
  expect(within(dialog).getByRole('alert').textContent).toContain(
    'Already there: FTMO-3 (Caution)',
  );
  await user.click(within(dialog).getByRole('button', { name: 'Close everything now' }));
  await vi.waitFor(() => expect(put).toHaveBeenCalledOnce());
});

test('above every page it is said which guard stopped copying and why, and a person resumes there', async () => {
  const resume = vi.fn<Answer>(() => anOperation());
  serve({
    'GET /api/v1/groups': () => pageOf(aGroup([account])),
    'GET /api/v1/stop': () => ({
      stops: [
        { scope: 'group', group_id: 'group-1', account_id: null, since: TRIP.at },
        { scope: 'all', group_id: null, account_id: null, since: TRIP.at },
      ],
      operations: [],
    }),
    'GET /api/v1/groups/group-1/guard/trips': () =>
      pageOf({ ...TRIP, resumed_at: null, resumed_by_name: null }),
    'POST /api/v1/stop': resume,
  });
  const { user } = await open('/settings');
  const line = await screen.findByText(/The guard of/);
  expect(line.textContent).toContain(
    'The guard of Funded stopped copying: FTMO-3, Daily loss, Critical.',
  );
  expect(within(line).getByRole('link', { name: 'Funded' }).getAttribute('href')).toBe(
    '/groups/group-1',
  );
  expect(screen.getByText(/Copying is stopped for every account/)).toBeDefined();

  await user.click(screen.getByRole('button', { name: 'Resume Funded' }));
  const dialog = await screen.findByRole('dialog', { name: 'Resume copying?' });
  expect(dialog.textContent).toContain('The guard stays on');
  await user.click(within(dialog).getByRole('button', { name: 'Resume copying' }));
  await vi.waitFor(() => expect(resume).toHaveBeenCalledOnce());
});

test('the page of a guarded group says it once', async () => {
  serveGroup(aGuardState({ trip: TRIP }), {
    'GET /api/v1/stop': () => ({
      stops: [{ scope: 'group', group_id: 'group-1', account_id: null, since: TRIP.at }],
      operations: [],
    }),
    'GET /api/v1/groups/group-1/guard/trips': () =>
      pageOf({ ...TRIP, resumed_at: null, resumed_by_name: null }),
  });
  await open('/groups/group-1');
  expect((await screen.findByRole('alert')).textContent).toContain('The guard acted');
  await vi.waitFor(() => expect(screen.queryByText(/The guard of/)).toBeNull());
  expect(screen.queryByText(/Copying is stopped for/)).toBeNull();
});
