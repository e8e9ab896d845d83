import { screen, within } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { aMaster, anAccount, anExchangeKey, aSubscription } from '@/test/build';
import { open } from '@/test/render';
import { type Answer, pageOf, serve } from '@/test/server';

const TOKEN = `MST-${'0a'.repeat(16)}`;
const coins = anAccount({
  id: 'account-2',
  name: 'Coins',
  platform: 'bingx',
  copy_role: 'follower',
  currency: 'USDT',
});
const { settings } = aSubscription();

function answers(more: Record<string, Answer>): Record<string, Answer> {
  return {
    'GET /api/v1/accounts': () => pageOf(coins),
    'GET /api/v1/accounts/account-2': () => coins,
    'GET /api/v1/accounts/account-2/copies': () => pageOf(),
    'GET /api/v1/accounts/account-2/orphans': () => pageOf(),
    'GET /api/v1/accounts/account-2/positions': () => ({ items: [] }),
    'GET /api/v1/accounts/account-2/subscriptions': () => pageOf(),
    'GET /api/v1/exchange-keys': () => ({ items: [anExchangeKey()], egress_addresses: [] }),
    ...more,
  };
}

function previewed(pace: object | null) {
  return vi.fn<Answer>(() => ({
    master_name: 'Gold master',
    needs_approval: false,
    settings: { ...settings, max_age_s: 60 },
    pace,
  }));
}

test('who is about to follow at an exchange reads when the last order leaves', async () => {
  const preview = previewed({ followers: 200, last_order_after_s: '79.2', too_old_share: '0.25' });
  serve(answers({ 'POST /api/v1/accounts/account-2/subscriptions/preview': preview }));
  const { user } = await open('/dashboard/account-2');

  const field = await screen.findByLabelText('Master token');
  await user.type(field, TOKEN.slice(0, -1));
  expect(preview).not.toHaveBeenCalled();
  await user.type(field, TOKEN.slice(-1));

  expect(
    await screen.findByText(/200 accounts .* the last order leaves after about 79 s/),
  ).toBeDefined();
  expect(screen.getByText(/25% of the orders come later than 60 s/)).toBeDefined();
  expect(preview.mock.calls[0]?.[0].body).toEqual({ master_token: TOKEN });
});

test('a master of the directory is previewed for the account that is chosen', async () => {
  const preview = previewed({ followers: 1, last_order_after_s: '0.4', too_old_share: '0' });
  serve(
    answers({
      'GET /api/v1/masters/steady-gold': () => ({ ...aMaster(), curve: [] }),
      'POST /api/v1/accounts/account-2/subscriptions/preview': preview,
    }),
  );
  const { user } = await open('/m/steady-gold');
  await user.click(await screen.findByRole('button', { name: 'Follow' }));

  const dialog = within(await screen.findByRole('dialog', { name: 'Follow Steady gold' }));
  expect(await dialog.findByText(/its order leaves after about 0\.4 s/)).toBeDefined();
  expect(dialog.queryByText(/too old/)).toBeNull();
  expect(preview.mock.calls[0]?.[0].body).toEqual({ master_slug: 'steady-gold' });
});

test('a contract that is suggested for a symbol goes into the settings', async () => {
  const contract = {
    symbol: 'XAU-USDT',
    base: 'XAU',
    quote: 'USDT',
    quantity_precision: 3,
    price_precision: 2,
    min_quantity: '0.001',
    min_notional: '2',
    max_long_leverage: null,
    max_short_leverage: null,
    taker_fee_rate: null,
    is_open: true,
    last_price: '2031.5',
    price_at: null,
  };
  serve(
    answers({
      'GET /api/v1/accounts/account-2/subscriptions': () => pageOf(aSubscription()),
      'GET /api/v1/accounts/account-2/contracts': ({ url }) => ({
        environment: 'demo',
        units_per_lot: '100',
        suggestions: url.searchParams.get('for') === 'XAUUSD' ? [contract] : [],
        items: [],
        next_cursor: null,
      }),
    }),
  );
  const { user } = await open('/dashboard/account-2?tab=settings');

  await user.type(await screen.findByLabelText('What does the master trade?'), 'XAUUSD');
  await user.click(await screen.findByRole('button', { name: 'Use XAU-USDT' }));
  expect(screen.getByLabelText<HTMLTextAreaElement>('Other names here').value).toBe(
    'XAUUSD = XAU-USDT',
  );
  expect(screen.getByDisplayValue('XAUUSD = 100')).toBeDefined();
});
