import { screen, within } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { anAccount } from '@/test/build';
import { aRisk, someDefaults } from '@/test/build-risk';
import { open } from '@/test/render';
import { type Answer, refuse, serve } from '@/test/server';

const form = () => screen.findByRole('region', { name: 'My risk defaults' });

test('four numbers are saved with the version that was read', async () => {
  const put = vi.fn<Answer>(() => someDefaults({ daily_loss_percent: '4.5', version: 1 }));
  serve({ 'PUT /api/v1/me/risk-defaults': put });
  const { user } = await open('/settings');
  const card = await form();
  const daily = await within(card).findByLabelText('Daily loss, %');
  await user.clear(daily);
  await user.type(daily, '450');
  expect(card.textContent).toContain('Use more than 0 and at most 100');
  await user.click(within(card).getByRole('button', { name: 'Save' }));
  expect(put).not.toHaveBeenCalled();
  await user.clear(daily);
  await user.type(daily, '4.5');
  await user.click(within(card).getByRole('button', { name: 'Save' }));

  await vi.waitFor(() => expect(put).toHaveBeenCalledOnce());
  expect(put.mock.calls[0]?.[0].body).toEqual({
    max_open_positions: 2,
    risk_per_trade_percent: '2',
    daily_loss_percent: '4.5',
    max_drawdown_percent: '15',
    version: 0,
  });
});

test('an edit that came too late keeps what was typed, and says that nothing was saved', async () => {
  let there = someDefaults();
  const put = vi.fn<Answer>(() => {
    // Somebody else was faster.
    there = someDefaults({ daily_loss_percent: '4', version: 1 });
    return refuse(409, 'stale_version');
  });
  serve({ 'GET /api/v1/me/risk-defaults': () => there, 'PUT /api/v1/me/risk-defaults': put });
  const { user } = await open('/settings');
  const card = await form();
  const most = await within(card).findByLabelText<HTMLInputElement>('Open positions at most');
  await user.clear(most);
  await user.type(most, '3');
  await user.click(within(card).getByRole('button', { name: 'Save' }));
  expect((await within(card).findByRole('alert')).textContent).toContain('Nothing was saved');
  const daily = within(card).getByLabelText<HTMLInputElement>('Daily loss, %');
  await vi.waitFor(() => expect(daily.value).toBe('4'));
  expect(most.value).toBe('3');

  await user.click(within(card).getByRole('button', { name: 'Save' }));
  await vi.waitFor(() => expect(put).toHaveBeenCalledTimes(2));
  expect(put.mock.lastCall?.[0].body).toMatchObject({
    max_open_positions: 3,
    daily_loss_percent: '4',
    version: 1,
  });
});

test('an account without rules begins with the defaults, once each of them was seen', async () => {
  const begin = vi.fn<Answer>(() => ({ version: 1, rules: [] }));
  serve({
    'GET /api/v1/accounts/account-1': () => anAccount({ name: 'FTMO-3', balance: null }),
    'GET /api/v1/accounts/account-1/risk': () =>
      aRisk({ phase: null, status: 'unknown', reason: 'no_phase', as_of: null, rules: [] }),
    'GET /api/v1/risk/templates': () => ({ warning: '', templates: [] }),
    'POST /api/v1/accounts/account-1/phases': begin,
  });
  const { user } = await open('/risk/account-1');
  await user.click(await screen.findByRole('button', { name: 'Begin with my defaults' }));
  const dialog = await screen.findByRole('dialog', { name: 'Rules for this account' });
  expect(await within(dialog).findByText(/at most 2 positions/)).toBeDefined();
  expect(within(dialog).getByText(/^2 % of the starting balance/)).toBeDefined();
  expect(within(dialog).getByText(/^5 % of the starting balance/)).toBeDefined();
  expect(within(dialog).getByText(/^15 % of the starting balance/)).toBeDefined();
  const save = within(dialog).getByRole('button', { name: 'Begin with these rules' });
  expect(save.getAttribute('aria-disabled')).toBe('true');
  await user.type(within(dialog).getByLabelText('Starting balance (USD)'), '50000');
  await user.click(save);

  await vi.waitFor(() => expect(begin).toHaveBeenCalledOnce());
  expect(begin.mock.calls[0]?.[0].body).toEqual({
    rules: someDefaults().rules,
    starting_balance: '50000',
  });
});

test('what is only estimated says so, stays unknown, and leads to the Reporter', async () => {
  serve({
    'GET /api/v1/accounts/account-1': () => anAccount({ name: 'FTMO-3' }),
    'GET /api/v1/accounts/account-1/risk': () =>
      aRisk({
        status: 'unknown',
        reason: 'no_data',
        as_of: null,
        balance: null,
        equity: null,
        rules: [],
        figures: {
          source: 'estimated',
          floating_profit: '-120.5',
          positions: 3,
          unpriced: 0,
          as_of: '2026-11-20T12:00:00Z',
        },
      }),
  });
  await open('/risk/account-1');
  const card = await screen.findByRole('region', { name: 'Floating profit of open copies' });
  expect(card.textContent).toContain('Estimated');
  expect(card.textContent).toContain('120.50');
  expect(card.textContent).toContain('its status stays unknown');
  expect(within(card).getByRole('link', { name: 'Set up the Reporter' })).toBeDefined();
  expect(screen.getByText('Unknown')).toBeDefined();
  expect(screen.queryByText('Safe')).toBeNull();
});
