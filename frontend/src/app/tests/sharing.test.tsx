import { screen, within } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { anAccount } from '@/test/build';
import { open } from '@/test/render';
import { type Answer, pageOf, refuse, serve } from '@/test/server';

const SHARE = {
  id: 'share-1',
  name: 'For Ben',
  account_ids: null,
  from: null,
  to: null,
  sections: ['statistics', 'trades'],
  shows_money: false,
  shows_names: false,
  currency: null,
  delay_minutes: 60,
  created_at: '2026-11-03T10:00:00Z',
  expires_at: '2999-01-01T00:00:00Z',
  revoked_at: null,
  views: 2,
  last_viewed_at: '2026-11-04T10:00:00Z',
};

const SHOWN = {
  name: null,
  accounts: [],
  shows_money: false,
  from: null,
  to: null,
  as_of: '2026-11-20T10:00:00Z',
  delay_minutes: 60,
  expires_at: '2999-01-01T00:00:00Z',
  currency: null,
  statistics: {
    trades: 2,
    wins: 1,
    losses: 1,
    win_rate: '0.5',
    total_pnl: null,
    total_pnl_percent: '0.116',
    profit_factor: '3',
    payoff: '3',
    expectancy: null,
    average_r: '0.75',
    max_drawdown: null,
    max_drawdown_percent: '0.05',
    sharpe: null,
    sortino: null,
    average_holding_s: 3_600,
  },
  curve: [{ at: '2026-11-19T10:00:00Z', value: null, of_start: '1.058' }],
  trades: [
    {
      symbol: 'XAUUSD',
      direction: 'LONG',
      entry_at: '2026-11-19T09:00:00Z',
      exit_at: '2026-11-19T10:00:00Z',
      entry_price: '2030.5',
      exit_price: '2040.5',
      quantity: null,
      pnl: null,
      currency: null,
      of_start: '0.058',
      r_multiple: '2',
    },
  ],
  positions: [],
};

const stranger = { 'POST /api/v1/auth/refresh': () => refuse(401, 'session_expired') };

test('a link is made of what was ticked, shown once, counted and revoked', async () => {
  const create = vi.fn<Answer>(() => ({ ...SHARE, token: 'x'.repeat(43) }));
  const revoke = vi.fn<Answer>(() => ({ ...SHARE, revoked_at: '2026-11-05T10:00:00Z' }));
  serve({
    'GET /api/v1/accounts': () =>
      pageOf(anAccount(), anAccount({ id: 'account-2', name: 'Silver' })),
    'GET /api/v1/shares': () => ({ items: [SHARE] }),
    'POST /api/v1/shares': create,
    'DELETE /api/v1/shares/share-1': revoke,
  });
  const { user } = await open('/settings');
  const card = await screen.findByRole('region', { name: 'Share links' });
  expect(await within(card).findByText(/opened 2 times/)).toBeDefined();

  await user.click(within(card).getByRole('button', { name: 'Share' }));
  const dialog = await screen.findByRole('dialog', { name: 'Share figures' });
  await user.click(within(dialog).getByRole('button', { name: 'Create link' }));
  expect(dialog.textContent).toContain('Enter something here.');
  await user.type(within(dialog).getByLabelText('Name of the link'), 'For Ben');
  await user.click(within(dialog).getByRole('checkbox', { name: 'Silver' }));
  await user.click(within(dialog).getByRole('checkbox', { name: 'Equity curve' }));
  await user.selectOptions(within(dialog).getByLabelText('Works for'), '7');
  await user.click(within(dialog).getByRole('button', { name: 'Create link' }));
  const made = await screen.findByRole('dialog', { name: 'Your link is ready' });

  expect(create.mock.calls[0]?.[0].body).toEqual({
    name: 'For Ben',
    account_ids: ['account-2'],
    sections: ['statistics'],
    shows_money: false,
    shows_names: false,
    delay_minutes: 60,
    expires_in_days: 7,
  });
  expect(made.textContent).toContain(`/shared/${'x'.repeat(43)}`);
  expect(within(made).getByRole('button', { name: 'Copy Link' })).toBeDefined();
  await user.click(within(made).getByRole('button', { name: 'I have copied the link' }));

  await user.click(within(card).getByRole('button', { name: 'Revoke For Ben' }));
  const question = await screen.findByRole('dialog', { name: 'Revoke For Ben?' });
  await user.click(within(question).getByRole('button', { name: 'Revoke' }));
  await vi.waitFor(() => expect(revoke).toHaveBeenCalledOnce());
});

test('a stranger reads what a link shows, in either language and without a session', async () => {
  const calls = serve({ ...stranger, 'GET /api/v1/shared/abc': () => SHOWN });
  await open('/shared/abc', 'th');

  expect(await screen.findByRole('heading', { name: 'ผลการเทรดที่แชร์' })).toBeDefined();
  expect(screen.getByText('อัตราชนะ')).toBeDefined();
  expect(screen.queryByText('กำไร/ขาดทุน'), 'no money').toBeNull();
  expect(screen.getByRole('table', { name: 'รายการที่ปิดแล้ว' }).textContent).toContain('XAUUSD');
  expect(screen.getByText('ไม่มีสถานะที่เปิดอยู่')).toBeDefined();
  expect(calls).not.toContain('POST /api/v1/auth/refresh');
  expect(document.querySelector('meta[name=robots]')?.getAttribute('content')).toContain('noindex');
});

test('a link that ended says so, and not why', async () => {
  serve(stranger);
  await open('/shared/gone');

  expect(await screen.findByRole('heading', { name: 'This link shows nothing' })).toBeDefined();
});
