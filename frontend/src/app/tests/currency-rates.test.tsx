import { screen, within } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { anAccount } from '@/test/build';
import { someStats } from '@/test/build-stats';
import { open } from '@/test/render';
import { type Answer, pageOf, refuse, serve } from '@/test/server';

const RATE = {
  currency: 'EUR',
  base_currency: 'USD',
  day: '2026-11-03',
  rate: '1.1',
  created_at: '2026-11-03T10:00:00Z',
};

const ACCOUNTS = () =>
  pageOf(anAccount(), anAccount({ id: 'euros', name: 'Euros', currency: 'EUR' }));

const TOTAL = { accounts: 1, balance: '5', equity: '5', trades: 1, wins: 1, losses: 0 };
const TOTALS = [
  { ...TOTAL, currency: 'EUR', total_pnl: '5' },
  { ...TOTAL, currency: 'USD', total_pnl: '-7' },
];

test('rates are listed, given in small letters as well, and deleted after a question', async () => {
  const put = vi.fn<Answer>(() => RATE);
  const remove = vi.fn<Answer>(() => 'nothing');
  serve({
    'GET /api/v1/rates': () => pageOf(RATE),
    'PUT /api/v1/rates/GBP/USD/2026-11-02': put,
    'DELETE /api/v1/rates/EUR/USD/2026-11-03': remove,
  });
  const { user } = await open('/settings');
  const card = await screen.findByRole('region', { name: 'Currency rates' });
  const table = await within(card).findByRole('table', { name: 'Currency rates' });
  expect(table.textContent).toContain('1 EUR in USD');
  expect(table.textContent).toContain('1.1');

  const save = within(card).getByRole('button', { name: 'Save rate' });
  await user.type(within(card).getByLabelText('One unit of'), 'gbp');
  await user.type(within(card).getByLabelText('Is worth, in'), 'usd');
  await user.type(within(card).getByLabelText('Rate'), '0');
  await user.click(save);
  expect(card.textContent).toContain('This must be above zero.');
  expect(put).not.toHaveBeenCalled();
  const day = within(card).getByLabelText('From this day on');
  await user.clear(day);
  await user.type(day, '2026-11-02');
  await user.clear(within(card).getByLabelText('Rate'));
  await user.type(within(card).getByLabelText('Rate'), '1.3');
  await user.click(save);
  await vi.waitFor(() => expect(put).toHaveBeenCalledOnce());
  expect(put.mock.calls[0]?.[0].body).toEqual({ rate: '1.3' });
  expect(await within(card).findByText('Saved.')).toBeDefined();

  await user.click(within(card).getByRole('button', { name: /Delete the rate of EUR in USD/ }));
  const question = await screen.findByRole('dialog');
  await user.click(within(question).getByRole('button', { name: 'Delete' }));
  await vi.waitFor(() => expect(remove).toHaveBeenCalledOnce());
});

test('what the server refuses stands at its field', async () => {
  const errors = [{ field: 'day', code: 'too_many', detail: '' }];
  serve({ 'PUT /api/v1/rates/GBP/USD/2026-11-20': () => refuse(422, 'invalid', errors) });
  const { user } = await open('/settings');
  const card = await screen.findByRole('region', { name: 'Currency rates' });
  await user.type(within(card).getByLabelText('One unit of'), 'GBP');
  await user.type(within(card).getByLabelText('Is worth, in'), 'USD');
  const day = within(card).getByLabelText('From this day on');
  await user.clear(day);
  await user.type(day, '2026-11-20');
  await user.type(within(card).getByLabelText('Rate'), '1.3');
  await user.click(within(card).getByRole('button', { name: 'Save rate' }));

  expect(await within(card).findByText('These are too many.')).toBeDefined();
});

test('statistics of several currencies are told in the one that is chosen, and what has no rate is named', async () => {
  const stats = vi.fn<Answer>(({ url }) =>
    url.searchParams.has('currency')
      ? someStats({
          totals: TOTALS,
          unconverted_trades: 1,
          missing_rates: [{ currency: 'EUR', base_currency: 'USD', from: '2026-11-03' }],
        })
      : someStats({ currency: null, total_pnl: null, totals: TOTALS }),
  );
  serve({ 'GET /api/v1/accounts': ACCOUNTS, 'GET /api/v1/stats': stats });
  const { user, path } = await open('/statistics');

  expect(await screen.findByRole('table', { name: 'By currency' })).toBeDefined();
  await user.selectOptions(await screen.findByLabelText('Show in'), 'USD');
  await vi.waitFor(() => expect(path()).toBe('/statistics?in=USD'));
  const notice = await screen.findByText(/1 closed trade is left out/);
  expect(notice.parentElement?.textContent).toContain('EUR in USD, from 3 Nov 2026');
  expect(screen.getByRole('link', { name: 'Enter rates' }).getAttribute('href')).toBe(
    '/settings#currency-rates',
  );
  expect(stats.mock.lastCall?.[0].url.searchParams.get('currency')).toBe('USD');
  const result = await screen.findByRole('region', { name: 'Result' });
  expect(result.textContent).toContain('▲ +100.00 USD');
});

test('the overview tells all accounts in one currency when asked, and remembers it in its address', async () => {
  const stats = vi.fn<Answer>(() => someStats({ balance: '16100', equity: '16120' }));
  serve({ 'GET /api/v1/accounts': ACCOUNTS, 'GET /api/v1/stats': stats });
  const { user, path } = await open('/');

  await user.selectOptions(await screen.findByLabelText('Show in'), 'USD');
  await vi.waitFor(() => expect(path()).toBe('/?in=USD'));
  expect(await screen.findByText('16,100.00 USD')).toBeDefined();
  const asked = stats.mock.lastCall?.[0].url.searchParams;
  expect(asked?.get('currency')).toBe('USD');
  expect(asked?.getAll('account_id')).toEqual(['account-1', 'euros']);
});
