import { screen, within } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import type { Follower } from '@/api/types';
import { aCopy, anAccount, aSubscription } from '@/test/build';
import { open } from '@/test/render';
import { type Answer, pageOf, refuse, serve } from '@/test/server';

const follower = anAccount({
  id: 'account-2',
  name: 'Follower one',
  copy_role: 'follower',
  copy_mode: null,
  master_token: null,
});
const TOKEN = 'MST-0123456789abcdef0123456789abcdef';

function followerAnswers(copies: ReturnType<typeof aCopy>[]): Record<string, Answer> {
  return {
    'GET /api/v1/accounts': () => pageOf(follower),
    'GET /api/v1/accounts/account-2': () => follower,
    'GET /api/v1/accounts/account-2/subscriptions': () => pageOf(),
    'GET /api/v1/accounts/account-2/copies': ({ url }) => pageOf(...copies.filter(asked(url))),
  };
}

/** What the API would list. */
function asked({ searchParams }: URL) {
  const states = searchParams.get('state')?.split(',');
  const [reason, symbol] = [searchParams.get('reason'), searchParams.get('symbol')];
  return (copy: ReturnType<typeof aCopy>) =>
    (states?.includes(copy.state) ?? true) &&
    (reason === null || copy.reason?.code === reason) &&
    (symbol === null || copy.symbol === symbol);
}

const missed = aCopy({
  id: 'missed',
  state: 'failed',
  reason: { code: 'refused', text: 'Not enough money' },
});

test('what was not copied is listed with the reason and the words of the terminal', async () => {
  serve(followerAnswers([aCopy(), missed]));
  const { user } = await open('/dashboard/account-2');

  expect(await screen.findByRole('tab', { name: 'Open (1)' })).toBeDefined();
  await user.click(await screen.findByRole('tab', { name: 'Not copied (1)' }));

  const panel = await screen.findByRole('tabpanel');
  expect(within(panel).getByText(/terminal refused the order/)).toBeDefined();
  expect(within(panel).getByText('The terminal said: Not enough money')).toBeDefined();
});

test('what was not copied is narrowed by reason and symbol, and the address says so', async () => {
  const offline = { code: 'offline', text: null } as const;
  serve(
    followerAnswers([
      missed,
      aCopy({ id: 'gold', state: 'skipped', reason: offline }),
      aCopy({ id: 'euro', symbol: 'EURUSD', state: 'skipped', reason: offline }),
    ]),
  );
  const { user, path } = await open('/dashboard/account-2?tab=missed&reason=offline');

  const panel = await screen.findByRole('tabpanel');
  expect(await within(panel).findByText('2 copies')).toBeDefined();
  await user.type(within(panel).getByLabelText('Symbol'), 'EURUSD{Enter}');
  expect(await within(panel).findByText('1 copy')).toBeDefined();
  expect(path()).toBe('/dashboard/account-2?tab=missed&reason=offline&symbol=EURUSD');

  await user.selectOptions(within(panel).getByLabelText('State'), 'failed');
  expect(await within(panel).findByText('No copy fits these filters')).toBeDefined();
  await user.click(within(panel).getByRole('button', { name: 'Clear filters' }));
  expect(await within(panel).findByText('3 copies')).toBeDefined();
  expect(path()).toBe('/dashboard/account-2?tab=missed');
});

test('more copies than one page are loaded when asked for', async () => {
  const answers = followerAnswers([]);
  let isDown = true;
  serve({
    ...answers,
    'GET /api/v1/accounts/account-2/copies': ({ url }) => {
      if (url.searchParams.get('state') !== 'closed') return pageOf();
      const isSecond = url.searchParams.get('cursor') === 'next';
      if (isSecond && isDown) return refuse(503, 'busy');
      const copy = aCopy({
        id: isSecond ? 'b' : 'a',
        state: 'closed',
        symbol: isSecond ? 'B' : 'A',
      });
      return { items: [copy], next_cursor: isSecond ? null : 'next' };
    },
  });
  const { user } = await open('/dashboard/account-2?tab=closed');

  expect(await screen.findByRole('link', { name: 'A' })).toBeDefined();
  await user.click(screen.getByRole('button', { name: 'Load more' }));
  expect(await within(screen.getByRole('tabpanel')).findByRole('alert')).toBeDefined();
  expect(screen.getByRole('link', { name: 'A' })).toBeDefined();
  isDown = false;
  await user.click(screen.getByRole('button', { name: 'Load more' }));
  expect(await screen.findByRole('link', { name: 'B' })).toBeDefined();
  expect(screen.queryByRole('button', { name: 'Load more' })).toBeNull();
});

test('what needs a person is counted on its tab', async () => {
  serve(
    followerAnswers([
      aCopy({ state: 'attention', reason: { code: 'unclear_answer', text: null } }),
      aCopy({ id: 'b', state: 'unconfirmed', reason: { code: 'silent', text: null } }),
    ]),
  );
  const { user } = await open('/dashboard/account-2');
  await user.click(await screen.findByRole('tab', { name: 'Attention (2)' }));
  const panel = await screen.findByRole('tabpanel');
  expect(await within(panel).findByText(/answer does not say whether/)).toBeDefined();
  expect(await screen.findByText('2 need you')).toBeDefined();
});

test('the reason is Thai for a Thai reader', async () => {
  serve(followerAnswers([missed]));
  await open('/dashboard/account-2?tab=missed', 'th');
  expect(await screen.findByText(/เทอร์มินัลของผู้ติดตามปฏิเสธคำสั่ง/)).toBeDefined();
  expect(document.documentElement.lang).toBe('th');
});

test('following takes a whole token and explains a refusal', async () => {
  const follow = vi.fn<Answer>(() => refuse(409, 'master_has_partner'));
  serve({ ...followerAnswers([]), 'POST /api/v1/accounts/account-2/subscriptions': follow });
  const { user } = await open('/dashboard/account-2');

  const field = await screen.findByLabelText('Master token');
  await user.type(field, 'MST-12');
  await user.click(screen.getByRole('button', { name: 'Follow' }));
  expect(await screen.findByText(/followed by 32 digits/)).toBeDefined();
  expect(follow).not.toHaveBeenCalled();

  await user.clear(field);
  await user.type(field, TOKEN);
  await user.click(screen.getByRole('button', { name: 'Follow' }));
  expect((await screen.findByRole('alert')).textContent).toContain('one account only');
  expect(follow.mock.calls[0]?.[0].body).toEqual({ master_token: TOKEN });
});

test('a master changes its mode after reading what that does', async () => {
  const patch = vi.fn<Answer>(() => anAccount({ copy_mode: 'RECORD' }));
  serve({
    'GET /api/v1/accounts/account-1': () => anAccount(),
    'GET /api/v1/accounts/account-1/followers': () => pageOf(),
    'GET /api/v1/accounts/account-1/signals': () => pageOf(),
    'PATCH /api/v1/accounts/account-1': patch,
  });
  const { user } = await open('/dashboard/account-1');

  await user.click(await screen.findByRole('radio', { name: 'Record only' }));
  const dialog = await screen.findByRole('dialog', { name: 'Switch to “Record only”?' });
  expect(dialog.textContent).toContain('Followers receive no new trades');
  await user.click(within(dialog).getByRole('button', { name: 'Switch mode' }));

  await vi.waitFor(() => expect(patch.mock.calls[0]?.[0].body).toEqual({ copy_mode: 'RECORD' }));
});

test('a master sees how long copies take to each follower', async () => {
  const measured: Follower = {
    subscription_id: 's-1',
    account_id: null,
    name: 'Follower KMQX',
    state: 'active',
    online: true,
    open_copies: 2,
    lag_ms: { p50: '42.5', p99: '118', copies: 64 },
    updated_at: '2026-11-20T12:00:00Z',
  };
  serve({
    'GET /api/v1/accounts/account-1': () => anAccount(),
    'GET /api/v1/accounts/account-1/followers': () =>
      pageOf(measured, {
        ...measured,
        subscription_id: 's-2',
        account_id: 'account-2',
        name: 'New one',
        lag_ms: null,
      }),
    'GET /api/v1/accounts': () =>
      pageOf(anAccount(), anAccount({ id: 'account-2', name: 'New one', platform: 'paper' })),
    'GET /api/v1/accounts/account-1/signals': () => pageOf(),
  });
  await open('/dashboard/account-1');

  const table = within(await screen.findByRole('table', { name: 'Followers' }));
  expect(table.getByRole('row', { name: /Follower KMQX/ }).textContent).toContain(
    'Half of the last 64 copies took at most 43 ms, 99 in a hundred at most 118 ms.',
  );
  const own = table.getByRole('row', { name: /New one/ });
  expect(own.textContent).not.toContain('ms');
  expect(await within(own).findByText('Simulated')).toBeDefined();
});

test('a one-to-one master closes with its partner only after its owner read what that does', async () => {
  const patch = vi.fn<Answer>(() => anAccount({ copy_mode: '1TO1', close_with_partner: true }));
  serve({
    'GET /api/v1/accounts/account-1': () => anAccount({ copy_mode: '1TO1' }),
    'GET /api/v1/accounts/account-1/followers': () => pageOf(),
    'GET /api/v1/accounts/account-1/signals': () => pageOf(),
    'PATCH /api/v1/accounts/account-1': patch,
  });
  const { user } = await open('/dashboard/account-1');

  await user.click(await screen.findByRole('switch', { name: 'Close with the partner' }));
  const dialog = await screen.findByRole('dialog', { name: /Close trades of Gold master/ });
  expect(patch).not.toHaveBeenCalled();
  await user.click(within(dialog).getByRole('button', { name: 'Close with the partner' }));

  await vi.waitFor(() =>
    expect(patch.mock.calls[0]?.[0].body).toEqual({ close_with_partner: true }),
  );
});

test('a follower decides itself about copies whose answer was lost', async () => {
  const answers = followerAnswers([]);
  const patch = vi.fn<Answer>(() => anAccount({ id: 'account-2', adopt_inferred: false }));
  serve({ ...answers, 'PATCH /api/v1/accounts/account-2': patch });
  const { user } = await open('/dashboard/account-2?tab=settings');

  await user.click(await screen.findByRole('switch', { name: 'Find lost answers by itself' }));
  await vi.waitFor(() => expect(patch.mock.calls[0]?.[0].body).toEqual({ adopt_inferred: false }));
});

test('somebody else’s account is not here', async () => {
  serve({});
  await open('/dashboard/foreign');
  expect(await screen.findByText('There is nothing at this address.')).toBeDefined();
});

test('a page that could not be read still has a heading', async () => {
  serve({ 'GET /api/v1/accounts/account-1': () => refuse(500, 'internal') });
  await open('/dashboard/account-1');
  expect(
    await screen.findByRole('heading', { level: 1, name: 'This could not be loaded' }),
  ).toBeDefined();
});

test('whoever could not pause copying is told', async () => {
  serve({
    ...followerAnswers([]),
    'GET /api/v1/accounts/account-2/subscriptions': () => pageOf(aSubscription()),
    'PATCH /api/v1/accounts/account-2/subscriptions/subscription-1': () => refuse(503, 'busy'),
  });
  const { user } = await open('/dashboard/account-2');

  const pause = await screen.findByRole('button', { name: 'Pause' });
  const followed = within(pause.closest('li') ?? document.body);
  await user.click(pause);

  expect(await followed.findByRole('alert')).toBeDefined();
  expect(followed.getByRole('button', { name: 'Pause' })).toBeDefined();
});
