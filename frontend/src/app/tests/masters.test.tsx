import { screen, within } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { aMaster, anAccount, aSubscription } from '@/test/build';
import { open } from '@/test/render';
import { type Answer, pageOf, refuse, serve } from '@/test/server';

const curve = [
  { date: '2026-11-18', total_pnl: '-40' },
  { date: '2026-11-19', total_pnl: '1250.5' },
];
const follower = anAccount({ id: 'account-2', name: 'Follower one', copy_role: 'follower' });
const master = anAccount();

function answers(): Record<string, Answer> {
  return {
    'GET /api/v1/accounts': () => pageOf(master, follower),
    'GET /api/v1/masters': ({ url }) =>
      url.searchParams.get('search') === 'silver'
        ? pageOf()
        : pageOf({ ...aMaster(), sparkline: ['-40', '1250.5'] }),
    'GET /api/v1/masters/steady-gold': () => ({ ...aMaster(), curve }),
  };
}

test('the directory is searched and ranked by its address, and leads to a profile', async () => {
  const list = vi.fn(answers()['GET /api/v1/masters'] as Answer);
  serve({ ...answers(), 'GET /api/v1/masters': list });
  const { user, path } = await open('/masters?sort=drawdown');

  expect(await screen.findByText('12 followers')).toBeDefined();
  expect(list.mock.calls[0]?.[0].url.searchParams.get('sort')).toBe('drawdown');
  await user.type(screen.getByLabelText('Search'), 'silver{Enter}');
  expect(await screen.findByText('No master fits “silver”')).toBeDefined();
  expect(path()).toBe('/masters?search=silver&sort=drawdown');
  await user.click(screen.getByRole('button', { name: 'Clear the search' }));
  await user.click(await screen.findByRole('link', { name: 'Steady gold' }));
  expect(await screen.findByRole('heading', { level: 1, name: 'Steady gold' })).toBeDefined();
  expect(path()).toBe('/m/steady-gold');
});

test('a profile shows results as a table, and one of my followers follows', async () => {
  const follow = vi.fn<Answer>(() => aSubscription());
  serve({ ...answers(), 'POST /api/v1/accounts/account-2/subscriptions': follow });
  const { user } = await open('/m/steady-gold');

  expect(await screen.findByText('62.5%')).toBeDefined();
  await user.click(screen.getByRole('button', { name: 'Show as table' }));
  expect(within(screen.getByRole('table')).getByText(/▼ −40\.00 USD/)).toBeDefined();

  await user.click(screen.getByRole('button', { name: 'Follow' }));
  const dialog = await screen.findByRole('dialog', { name: 'Follow Steady gold' });
  expect(within(dialog).getAllByRole('radio')).toHaveLength(1);
  await user.click(within(dialog).getByRole('button', { name: 'Follow' }));
  expect(await screen.findByRole('dialog', { name: 'You follow Steady gold' })).toBeDefined();
  expect(follow.mock.calls[0]?.[0].body).toEqual({ master_slug: 'steady-gold' });
});

test('a follower with a size of its own begins with it, and may choose another', async () => {
  const follow = vi.fn<Answer>(() => aSubscription());
  const sized = { ...follower, default_sizing: { mode: 'risk_percent' as const, value: '0.0075' } };
  serve({
    ...answers(),
    'GET /api/v1/accounts': () => pageOf(master, sized),
    'POST /api/v1/accounts/account-2/subscriptions': follow,
  });
  const { user } = await open('/m/steady-gold');

  await user.click(await screen.findByRole('button', { name: 'Follow' }));
  const dialog = within(await screen.findByRole('dialog', { name: 'Follow Steady gold' }));
  expect(dialog.getByLabelText<HTMLInputElement>('Risk per trade, %').value).toBe('0.75');
  const chosen = dialog.getByLabelText('How large is a copy?');
  await user.selectOptions(chosen, 'The master’s size times a factor');
  // What suited the risk is not taken for a factor.
  await user.click(dialog.getByRole('button', { name: 'Follow' }));
  expect(follow).not.toHaveBeenCalled();
  await user.selectOptions(chosen, 'By risk at the stop loss');
  await user.type(dialog.getByLabelText('Risk per trade, %'), '0.5');
  await user.click(dialog.getByRole('button', { name: 'Follow' }));

  await screen.findByRole('dialog', { name: 'You follow Steady gold' });
  expect(follow.mock.calls[0]?.[0].body).toEqual({
    master_slug: 'steady-gold',
    settings: { sizing: { mode: 'risk_percent', value: '0.005' } },
  });
});

test('who has no follower account is told to create one', async () => {
  serve({ ...answers(), 'GET /api/v1/accounts': () => pageOf(master) });
  const { user } = await open('/m/steady-gold');
  await user.click(await screen.findByRole('button', { name: 'Follow' }));
  expect(await screen.findByText(/no follower account yet/)).toBeDefined();
});

test('an empty directory says how one gets there', async () => {
  serve({ ...answers(), 'GET /api/v1/masters': () => pageOf() });
  await open('/masters', 'th');
  expect(await screen.findByText('ยังไม่มีมาสเตอร์ในรายชื่อ')).toBeDefined();
});

const masterAnswers: Record<string, Answer> = {
  'GET /api/v1/accounts': () => pageOf(master),
  'GET /api/v1/accounts/account-1': () => master,
  'GET /api/v1/accounts/account-1/signals': () => pageOf(),
  'GET /api/v1/accounts/account-1/copies': () => pageOf(),
  'GET /api/v1/accounts/account-1/followers': () =>
    pageOf({
      subscription_id: 's-1',
      account_id: null,
      name: 'Follower KMQX',
      state: 'pending',
      online: false,
      open_copies: 0,
      updated_at: '2026-11-20T12:00:00Z',
    }),
};

test('a master is listed with an address of its own', async () => {
  const patch = vi.fn<Answer>(() => refuse(409, 'slug_taken'));
  serve({ ...masterAnswers, 'PATCH /api/v1/accounts/account-1': patch });
  const { user } = await open('/dashboard/account-1');
  await user.click(await screen.findByRole('switch', { name: 'Listed for everybody' }));
  await user.click(screen.getByRole('button', { name: 'Save' }));
  expect(await screen.findByText('Enter something here.')).toBeDefined();
  await user.type(screen.getByLabelText('Address'), 'steady-gold');
  await user.click(screen.getByRole('button', { name: 'Save' }));
  expect((await screen.findByRole('alert')).textContent).toContain('address is taken');
  expect(patch.mock.calls[0]?.[0].body).toEqual({
    is_public: true,
    needs_approval: false,
    slug: 'steady-gold',
    description: null,
  });
});

test('a follower that waits is approved, another removed after a question', async () => {
  const approve = vi.fn<Answer>(() => 'nothing');
  const remove = vi.fn<Answer>(() => 'nothing');
  serve({
    ...masterAnswers,
    'POST /api/v1/accounts/account-1/followers/s-1/approve': approve,
    'POST /api/v1/accounts/account-1/followers/s-1/remove': remove,
  });
  const { user } = await open('/dashboard/account-1');
  await user.click(await screen.findByRole('button', { name: 'Approve Follower KMQX' }));
  await vi.waitFor(() => expect(approve).toHaveBeenCalled());
  await user.click(screen.getByRole('button', { name: 'Remove Follower KMQX' }));
  const dialog = await screen.findByRole('dialog', { name: 'Remove Follower KMQX?' });
  expect(dialog.textContent).toContain('receives no further trades');
  await user.click(within(dialog).getByRole('button', { name: 'Remove' }));
  await vi.waitFor(() => expect(remove).toHaveBeenCalled());
});

test('an order that is not sent shows what each follower would do', async () => {
  const run = vi.fn<Answer>(() => ({
    followers: [
      {
        subscription_id: 's-1',
        name: 'Follower one',
        is_copied: true,
        reason: null,
        symbol: 'XAUUSD',
        side: 'BUY',
        lots: '0.1',
        stop_loss: null,
        take_profit: null,
      },
      {
        subscription_id: 's-2',
        name: 'Follower KMQX',
        is_copied: false,
        reason: 'offline',
        symbol: null,
        side: null,
        lots: null,
        stop_loss: null,
        take_profit: null,
      },
      {
        subscription_id: 's-3',
        name: 'Follower ZTVB',
        is_copied: true,
        reason: null,
        symbol: null,
        side: null,
        lots: null,
        stop_loss: null,
        take_profit: null,
      },
    ],
  }));
  serve({ ...masterAnswers, 'POST /api/v1/accounts/account-1/dry-run': run });
  const { user } = await open('/dashboard/account-1?tab=whatIf');
  await user.type(await screen.findByLabelText('Price'), '2030.5');
  await user.click(screen.getByRole('button', { name: 'Show what would happen' }));
  expect(await screen.findByText('2 of 3 would copy it.')).toBeDefined();
  expect(screen.getByText(/was not connected when the signal came/)).toBeDefined();
  expect(screen.getByText('Would copy if the size fits')).toBeDefined();
  expect(run.mock.calls[0]?.[0].body).toEqual({
    side: 'BUY',
    symbol: 'XAUUSD',
    price: '2030.5',
    lots: '0.20',
  });
});
