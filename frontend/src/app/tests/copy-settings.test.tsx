import { screen, within } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import type { Subscription } from '@/api/types';
import { anAccount, aSubscription } from '@/test/build';
import { open } from '@/test/render';
import { type Answer, pageOf, refuse, serve } from '@/test/server';

const follower = anAccount({ id: 'account-2', name: 'Follower one', copy_role: 'follower' });
const ONE = '/api/v1/accounts/account-2/subscriptions/subscription-1';

function answers(...subscriptions: Subscription[]): Record<string, Answer> {
  return {
    'GET /api/v1/accounts': () => pageOf(follower),
    'GET /api/v1/accounts/account-2': () => follower,
    'GET /api/v1/accounts/account-2/copies': () => pageOf(),
    'GET /api/v1/accounts/account-2/subscriptions': () => pageOf(...subscriptions),
  };
}

async function form() {
  return within(await screen.findByRole('form', { name: 'Copy settings for Gold master' }));
}

test('settings say in words what they do, preview one order, and are saved whole', async () => {
  const saved = aSubscription();
  const patch = vi.fn<Answer>(() => saved);
  serve({ ...answers(aSubscription()), [`PATCH ${ONE}`]: patch });
  const { user } = await open('/dashboard/account-2?tab=settings');

  const fields = await form();
  expect(fields.getByText(/as large as the master’s trade/)).toBeDefined();
  await user.selectOptions(fields.getByLabelText('How large is a copy?'), 'multiplier');
  const value = fields.getByLabelText('Factor');
  await user.clear(value);
  await user.type(value, '0.5');
  await user.type(fields.getByLabelText('Step'), '0.01');
  await user.type(fields.getByLabelText('Never these symbols'), 'BTCUSD');
  expect(fields.getByText(/master’s lots × 0\.5.*BTCUSD is never copied/)).toBeDefined();
  expect(fields.getByText('you trade 0.1 lots')).toBeDefined();

  await user.click(fields.getByRole('button', { name: 'Save settings' }));
  await vi.waitFor(() => expect(patch).toHaveBeenCalled());
  expect(patch.mock.calls[0]?.[0].body).toMatchObject({
    settings: {
      sizing: { mode: 'multiplier', value: '0.5' },
      lot_step: '0.01',
      max_lots: null,
      deny_symbols: ['BTCUSD'],
      max_age_s: 5,
    },
  });
});

test('what the server does not take stands beside its field', async () => {
  const faults = [
    { field: 'settings.max_lots', code: 'below_min_lots', detail: '' },
    { field: 'settings.deny_symbols', code: 'invalid_symbol', detail: '' },
  ];
  serve({ ...answers(aSubscription()), [`PATCH ${ONE}`]: () => refuse(422, 'invalid', faults) });
  const { user } = await open('/dashboard/account-2?tab=settings');
  const fields = await form();
  await user.type(fields.getByLabelText('Largest size'), '0.01');
  await user.click(fields.getByRole('button', { name: 'Save settings' }));

  expect(await fields.findByText('This must not be below the smallest size.')).toBeDefined();
  expect(fields.getByText('One of these is not the name of a symbol.')).toBeDefined();
  expect(fields.getByLabelText('Largest size').getAttribute('aria-invalid')).toBe('true');
});

test('a slip is refused before anything is sent', async () => {
  const patch = vi.fn<Answer>();
  serve({ ...answers(aSubscription()), [`PATCH ${ONE}`]: patch });
  const { user } = await open('/dashboard/account-2?tab=settings');
  const fields = await form();
  await user.selectOptions(fields.getByLabelText('How large is a copy?'), 'fixed');
  await user.clear(fields.getByLabelText('Lots'));
  await user.click(fields.getByRole('button', { name: 'Save settings' }));
  expect(await fields.findByText('Enter something here.')).toBeDefined();
  expect(patch).not.toHaveBeenCalled();
});

test('a subscription is set to close only without touching its settings', async () => {
  const patch = vi.fn<Answer>(() => aSubscription({ state: 'close_only' }));
  serve({ ...answers(aSubscription()), [`PATCH ${ONE}`]: patch });
  const { user } = await open('/dashboard/account-2?tab=settings');
  await user.click(await screen.findByRole('radio', { name: 'Close only' }));
  await vi.waitFor(() => expect(patch.mock.calls[0]?.[0].body).toEqual({ state: 'close_only' }));
});

test('each of several masters has its own settings', async () => {
  const silver = aSubscription({ id: 'subscription-2', master_name: 'Silver', state: 'pending' });
  serve(answers(aSubscription(), silver));
  const { user } = await open('/dashboard/account-2?tab=settings');
  await user.selectOptions(await screen.findByLabelText('Settings for'), 'subscription-2');
  expect(await screen.findByRole('form', { name: 'Copy settings for Silver' })).toBeDefined();
  expect(screen.getByText(/Silver approves its followers itself/)).toBeDefined();
});

test('the settings are Thai for a Thai reader', async () => {
  serve(answers(aSubscription()));
  await open('/dashboard/account-2?tab=settings', 'th');
  expect(await screen.findByText(/รายการคัดลอกมีขนาดเท่ากับมาสเตอร์/)).toBeDefined();
});
