import { screen, within } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { anAccount } from '@/test/build';
import { aRisk } from '@/test/build-risk';
import { open } from '@/test/render';
import { pageOf, refuse, serve } from '@/test/server';

test('what cannot be read about an account does not look like nothing', async () => {
  let isAway = true;
  const whenThere = (answer: () => unknown) => () =>
    isAway ? refuse(503, 'unavailable') : answer();
  const account = anAccount({ name: 'FTMO-3' });
  serve({
    'GET /api/v1/accounts': () => pageOf(account),
    'GET /api/v1/accounts/account-1': () => account,
    'GET /api/v1/accounts/account-1/risk': () => aRisk(),
    'GET /api/v1/accounts/account-1/violations': whenThere(() => pageOf()),
    'GET /api/v1/accounts/account-1/corrections': whenThere(() => ({
      floor_overrides: [],
      cash_flows: [],
      day_starts: [],
    })),
    'GET /api/v1/accounts/account-1/guard': () => refuse(503, 'unavailable'),
  });
  const { user } = await open('/risk/account-1');
  const [lines, corrections] = await Promise.all(
    ['Lines that were crossed', 'What was corrected'].map((name) =>
      screen.findByRole('region', { name }),
    ),
  );
  expect(within(corrections as HTMLElement).getByRole('alert')).toBeDefined();
  const guard = await screen.findByRole('region', { name: 'Guard' });
  expect(guard.textContent).not.toContain('Off');
  isAway = false;
  await user.click(within(lines as HTMLElement).getByRole('button', { name: 'Try again' }));
  await vi.waitFor(() =>
    expect(screen.queryByRole('region', { name: 'Lines that were crossed' })).toBeNull(),
  );
});
