import { screen, within } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { anAccount, aTrade } from '@/test/build';
import { someStats } from '@/test/build-stats';
import { open } from '@/test/render';
import { type Answer, pageOf, serve } from '@/test/server';

test('an account that is kept by hand shows what its trades say, and leads to all of it', async () => {
  const account = anAccount({ copy_role: 'none', master_token: null, platform: 'ibkr' });
  const stats = vi.fn<Answer>(() => someStats());
  serve({
    'GET /api/v1/accounts': () => pageOf(account),
    'GET /api/v1/accounts/account-1': () => account,
    'GET /api/v1/trades': () => pageOf(aTrade({ status: 'closed', pnl: '100' })),
    'GET /api/v1/stats': stats,
  });
  const { user, path } = await open('/dashboard/account-1');

  expect(await screen.findByText('of 2 closed trades')).toBeDefined();
  expect(await screen.findByRole('region', { name: 'Equity after each trade' })).toBeDefined();
  expect(stats.mock.lastCall?.[0].url.searchParams.getAll('account_id')).toEqual(['account-1']);
  expect(await screen.findByRole('button', { name: 'XAUUSD' })).toBeDefined();
  const main = within(screen.getByRole('main'));
  await user.click(main.getByRole('link', { name: 'Statistics' }));
  await vi.waitFor(() => expect(path()).toBe('/statistics?account=account-1'));
});
