import { screen, within } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { aGroup, anAccount } from '@/test/build';
import { aGroupRisk, aRisk, aRule, someDefaults, someInheritedMarks } from '@/test/build-risk';
import { open } from '@/test/render';
import { type Answer, pageOf, refuse, serve } from '@/test/server';

const account = anAccount({ name: 'FTMO-3' });
const inherited = someInheritedMarks({
  thresholds: {
    money: { caution: '70', critical: '35' },
    count: { caution: '25', critical: '0' },
  },
  money_from: {
    level: 'group',
    groups: [
      { id: 'group-1', name: 'Funded' },
      { id: 'group-2', name: 'Night' },
    ],
  },
});
const RULES = {
  version: 3,
  phase_id: 'phase-1',
  started_at: '2026-11-20T12:00:00Z',
  currency: 'USD',
  starting_balance: '100000',
  day: { tz: 'Europe/Prague', reset: '00:00' },
  stale_after_s: 30,
  thresholds: inherited.thresholds,
  own_thresholds: { money: null, count: null },
  inherited,
  rules: [{ id: 'total', kind: 'max_total_loss', limit: { type: 'amount', value: '1' } }],
  template_id: null,
  template_size: null,
  confirmed_at: null,
};

const card = () => screen.findByRole('region', { name: 'When to warn' });

function serveAccount(answers: Record<string, Answer> = {}) {
  serve({
    'GET /api/v1/accounts': () => pageOf(account),
    'GET /api/v1/accounts/account-1': () => account,
    'GET /api/v1/accounts/account-1/risk': () =>
      aRisk({
        rules: [
          aRule({
            thresholds: { caution: '70', critical: '35' },
            thresholds_from: inherited.money_from,
          }),
        ],
      }),
    'GET /api/v1/accounts/account-1/risk/history': () => ({ points: [] }),
    'GET /api/v1/accounts/account-1/risk/days': () => pageOf(),
    'GET /api/v1/accounts/account-1/violations': () => pageOf(),
    'GET /api/v1/accounts/account-1/rules': () => RULES,
    ...answers,
  });
}

test('an account says whose marks it is judged by, and sets its own', async () => {
  const put = vi.fn<Answer>(() => ({
    ...RULES,
    version: 4,
    own_thresholds: { money: { caution: '60', critical: '30' }, count: null },
  }));
  serveAccount({ 'PUT /api/v1/accounts/account-1/rules': put });
  const { user } = await open('/risk/account-1');
  const marks = await card();
  expect(marks.textContent).toContain('caution from 70 %, critical from 35 %');
  expect(marks.textContent).toContain('Set for the groups Funded and Night');
  expect(marks.textContent).toContain('As Flotilla begins');
  const [how] = screen.getAllByText('How this number was made');
  const made = how?.closest('details');
  expect(made?.textContent).toContain('Set for the groups Funded and Night');

  await user.click(within(marks).getByRole('button', { name: 'Change marks' }));
  const dialog = await screen.findByRole('dialog', { name: 'When to warn: FTMO-3' });
  const money = within(dialog).getByRole('group', { name: 'Limits in money' });
  await user.type(within(money).getByLabelText('Caution, %'), '60');
  expect(money.textContent).toContain('Give both marks, or leave both empty.');
  await user.type(within(money).getByLabelText('Critical, %'), '80');
  expect(money.textContent).toContain('Critical must not be above caution.');
  const save = within(dialog).getByRole('button', { name: 'Save' });
  expect(save.getAttribute('aria-disabled')).toBe('true');
  await user.clear(within(money).getByLabelText('Critical, %'));
  await user.type(within(money).getByLabelText('Critical, %'), '30');
  expect(
    within(money).getByRole('img', { name: 'Caution from 60 % left, critical from 30 % left' }),
  ).toBeDefined();
  await user.click(save);

  await vi.waitFor(() => expect(put).toHaveBeenCalledOnce());
  expect(put.mock.calls[0]?.[0].body).toEqual({
    version: 3,
    rules: RULES.rules,
    thresholds: { money: { caution: '60', critical: '30' }, count: null },
  });
  await vi.waitFor(() => expect(marks.textContent).toContain('Set for this account'));
});

test('marks of a group are taken away, and an edit that came too late says so', async () => {
  const own = { money: { caution: '60', critical: '30' }, count: null };
  const put = vi.fn<Answer>(() => refuse(409, 'stale_version'));
  serve({
    'GET /api/v1/accounts': () => pageOf(account),
    'GET /api/v1/groups': () => pageOf(aGroup([account], { thresholds: own })),
    'GET /api/v1/groups/group-1/risk': () =>
      aGroupRisk({
        objectives: {
          profit_target: {
            met: 1,
            total: 2,
            slowest: { account_id: 'account-1', account_name: 'FTMO-3', value: '25' },
          },
        },
      }),
    'GET /api/v1/me/risk-defaults': () =>
      someDefaults({ thresholds: { money: null, count: { caution: '40', critical: '10' } } }),
    'PUT /api/v1/groups/group-1': put,
  });
  const { user } = await open('/groups/group-1');
  const marks = await card();
  expect(marks.textContent).toContain('Set for this group');
  expect(marks.textContent).toContain('caution from 40 %, critical from 10 %');
  expect(marks.textContent).toContain('From your own defaults');
  const objectives = screen.getByRole('region', { name: 'Objectives' });
  expect(objectives.textContent).toContain('1 of 2 met');
  expect(objectives.textContent).toContain('Slowest: FTMO-3');

  await user.click(within(marks).getByRole('button', { name: 'Change marks' }));
  const dialog = await screen.findByRole('dialog', { name: 'When to warn: Funded' });
  const money = within(dialog).getByRole('group', { name: 'Limits in money' });
  await user.clear(within(money).getByLabelText('Caution, %'));
  await user.clear(within(money).getByLabelText('Critical, %'));
  await user.click(within(dialog).getByRole('button', { name: 'Save' }));
  expect((await within(dialog).findByRole('alert')).textContent).toContain('Nothing was saved');
  expect(put.mock.calls[0]?.[0].body).toEqual({ name: 'Funded', version: 1, thresholds: null });

  // Whoever does as it says and looks again is not told so once more.
  await user.click(within(dialog).getByRole('button', { name: 'Cancel' }));
  await vi.waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  await user.click(within(marks).getByRole('button', { name: 'Change marks' }));
  const anew = await screen.findByRole('dialog', { name: 'When to warn: Funded' });
  expect(within(anew).queryByRole('alert')).toBeNull();
});

test('marks for every account are saved beside the numbers of the defaults, once it is clear what guards may do', async () => {
  const put = vi.fn<Answer>(() => someDefaults({ version: 1 }));
  serve({
    'PUT /api/v1/me/risk-defaults': put,
    'GET /api/v1/risk/guarded': () => ({ accounts: 3, closing: 1 }),
  });
  const { user } = await open('/settings');
  const marks = await card();
  await user.click(within(marks).getByRole('button', { name: 'Change marks' }));
  const dialog = await screen.findByRole('dialog', { name: 'When to warn' });
  const counts = within(dialog).getByRole('group', { name: /Limits on positions/ });
  await user.type(within(counts).getByLabelText('Caution, %'), '40');
  await user.type(within(counts).getByLabelText('Critical, %'), '10');
  await user.click(within(dialog).getByRole('button', { name: 'Save' }));
  const question = await within(dialog).findByRole('alert');
  await vi.waitFor(() => expect(question.textContent).toContain('3 accounts go by these marks'));
  expect(question.textContent).toContain('For one of them a guard also closes every open copy');
  expect(put).not.toHaveBeenCalled();
  await user.click(within(dialog).getByRole('button', { name: 'Save, guards may act' }));

  await vi.waitFor(() => expect(put).toHaveBeenCalledOnce());
  expect(put.mock.calls[0]?.[0].body).toEqual({
    max_open_positions: 2,
    risk_per_trade_percent: '2',
    daily_loss_percent: '5',
    max_drawdown_percent: '15',
    version: 0,
    thresholds: { money: null, count: { caution: '40', critical: '10' } },
  });
});
