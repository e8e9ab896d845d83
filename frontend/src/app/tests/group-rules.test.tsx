import { screen, within } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import type { GroupRisk } from '@/api/types';
import { aGroup, anAccount } from '@/test/build';
import { aDeviation, aGroupRisk, aSummary, someDefaults } from '@/test/build-risk';
import { open } from '@/test/render';
import { type Answer, pageOf, refuse, serve } from '@/test/server';

const account = anAccount({ name: 'FTMO-3' });
const RULES = someDefaults().rules;
const REQUIRED = { template_id: null, template_size: null, rules: RULES };

function serveGroup(risk: Partial<GroupRisk>, answers: Record<string, Answer> = {}) {
  return serve({
    'GET /api/v1/accounts': () => pageOf(account),
    'GET /api/v1/groups': () => pageOf(aGroup([account], { version: 4 })),
    'GET /api/v1/groups/group-1/risk': () => aGroupRisk(risk),
    'GET /api/v1/risk/templates': () => ({ warning: '', templates: [] }),
    ...answers,
  });
}

const card = () => screen.findByRole('region', { name: 'Rules for all accounts' });

test('a group requires the rules that one of its accounts has', async () => {
  const put = vi.fn<Answer>(() => aGroup([account], { version: 5 }));
  serveGroup(
    { members: [aSummary(), aSummary({ account_id: 'account-2', reason: 'no_phase' })] },
    {
      'GET /api/v1/accounts/account-1/rules': () => ({ version: 3, rules: RULES }),
      'PUT /api/v1/groups/group-1': put,
    },
  );
  const { user } = await open('/groups/group-1');
  await user.click(within(await card()).getByRole('button', { name: 'Require rules' }));
  const dialog = await screen.findByRole('dialog', { name: 'Rules for all accounts of Funded' });
  const from = await within(dialog).findByLabelText<HTMLSelectElement>('Take them from');
  expect([...from.options].map(({ text }) => text)).toEqual(['The rules of FTMO-3']);
  expect(await within(dialog).findByText(/15 % of the starting balance/)).toBeDefined();
  await user.click(within(dialog).getByRole('button', { name: 'Require these rules' }));

  await vi.waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(put.mock.calls[0]?.[0].body).toEqual({
    name: 'Funded',
    version: 4,
    required_rules: { rules: RULES },
  });
});

test('amounts in another currency than the group’s are not required of it', async () => {
  const put = vi.fn<Answer>(() => aGroup());
  const rule = { id: 'daily', kind: 'max_daily_loss', limit: { type: 'amount', value: '5000' } };
  serveGroup(
    { members: [aSummary({ currency: 'EUR' })] },
    {
      'GET /api/v1/accounts/account-1/rules': () => ({ version: 3, rules: [rule] }),
      'PUT /api/v1/groups/group-1': put,
    },
  );
  const { user } = await open('/groups/group-1');
  await user.click(within(await card()).getByRole('button', { name: 'Require rules' }));
  const dialog = await screen.findByRole('dialog', { name: 'Rules for all accounts of Funded' });
  expect((await within(dialog).findByRole('alert')).textContent).toContain('amounts in EUR');
  await user.click(within(dialog).getByRole('button', { name: 'Require these rules' }));
  expect(put).not.toHaveBeenCalled();
});

test('who deviates is named with what is required and what is set, and leads to its rules', async () => {
  serveGroup({
    required_rules: REQUIRED,
    deviating_accounts: ['account-1', 'account-2'],
    deviations_total: 4,
    members: [aSummary(), aSummary({ account_id: 'account-2', account_name: 'APEX-1' })],
    deviations: [
      aDeviation(),
      aDeviation({
        account_id: 'account-2',
        account_name: 'APEX-1',
        kind: 'max_open_positions',
        rule_id: 'positions',
        deviation: 'missing',
        field: null,
        unit: 'positions',
        required: '2',
        actual: null,
      }),
      aDeviation({
        account_id: 'account-2',
        account_name: 'APEX-1',
        deviation: 'different',
        field: 'reference',
        unit: 'word',
        required: 'max',
        actual: 'balance',
      }),
    ],
  });
  await open('/groups/group-1');
  const shown = await card();
  expect(shown.textContent).toContain('2 of 2 accounts do not follow them');
  const list = within(shown).getByRole('list', { name: 'Who deviates' });
  expect(list.textContent).toContain('Limit: 5,000.00\u00a0USD required, 6,000.00\u00a0USD set');
  expect(list.textContent).toContain('It has no such rule. Required: 2 positions.');
  expect(list.textContent).toContain(
    'Counted from: the higher of balance and equity required, balance set',
  );
  expect(within(list).getByRole('link', { name: 'APEX-1' }).getAttribute('href')).toBe(
    '/risk/account-2',
  );
  expect(shown.textContent).toContain('and one more deviation');
});

test('required rules that all follow are removed after a question, with a null', async () => {
  const put = vi.fn<Answer>(() => aGroup());
  serveGroup({ required_rules: REQUIRED }, { 'PUT /api/v1/groups/group-1': put });
  const { user } = await open('/groups/group-1');
  const shown = await card();
  expect(shown.textContent).toContain('All accounts follow them.');
  await user.click(within(shown).getByRole('button', { name: 'Remove' }));
  const dialog = await screen.findByRole('dialog', { name: /Remove the rules for all accounts/ });
  await user.click(within(dialog).getByRole('button', { name: 'Remove' }));
  await vi.waitFor(() => expect(put).toHaveBeenCalledOnce());
  expect(put.mock.calls[0]?.[0].body).toEqual({ name: 'Funded', version: 4, required_rules: null });
});

test('a rate that is missing or too old is said plainly, and all are saved together', async () => {
  const put = vi.fn<Answer>(() => aGroupRisk());
  serveGroup(
    {
      min_money: null,
      missing_rates: ['EUR', 'THB'],
      members: [
        aSummary({ currency: 'EUR' }),
        aSummary({ account_id: 'account-2', currency: 'THB' }),
        aSummary({ account_id: 'account-3' }),
      ],
      rates: [
        {
          currency: 'EUR',
          rate: '1.085',
          as_of: '2026-11-01T12:00:00Z',
          expires_at: '2026-11-08T12:00:00Z',
          fresh: false,
        },
      ],
    },
    { 'PUT /api/v1/groups/group-1/rates': put },
  );
  const { user } = await open('/groups/group-1');
  const shown = await screen.findByRole('region', { name: 'Rates' });
  expect(shown.textContent).toContain('No valid rate for EUR, THB');
  expect(shown.textContent).toContain('no smallest amount is shown');
  expect(shown.textContent).toContain('it no longer counts');
  expect(screen.getByText(/Not shown: no valid rate from EUR, THB to USD/)).toBeDefined();
  await user.type(within(shown).getByLabelText('1 THB in USD'), '0');
  expect(shown.textContent).toContain('This must be above zero.');
  await user.type(within(shown).getByLabelText('1 THB in USD'), '.028');
  await user.click(within(shown).getByRole('button', { name: 'Save rates' }));
  await vi.waitFor(() => expect(put).toHaveBeenCalledOnce());
  expect(put.mock.calls[0]?.[0].body).toEqual({
    rates: [
      { currency: 'EUR', rate: '1.085' },
      { currency: 'THB', rate: '0.028' },
    ],
  });
});

test('an account tells whose trades it copies', async () => {
  serveGroup({
    members: [
      aSummary({
        copies_from: [
          { account_id: 'account-9', name: 'Gold' },
          { account_id: null, name: 'Silver' },
        ],
      }),
    ],
  });
  await open('/groups/group-1');
  const gold = await screen.findByRole('link', { name: 'Gold' });
  expect(gold.getAttribute('href')).toBe('/dashboard/account-9');
  expect(gold.parentElement?.textContent).toBe('copies Gold, Silver');
});

test('a group of a master and its followers takes one press, or another name', async () => {
  const create = vi.fn<Answer>(({ body }) =>
    (body as { name: string }).name === 'Gold master'
      ? refuse(409, 'name_taken')
      : aGroup([], { id: 'group-1', name: 'Gold' }),
  );
  serveGroup(
    {},
    {
      'GET /api/v1/accounts/account-1': () => anAccount(),
      'GET /api/v1/accounts/account-1/followers': () =>
        pageOf({
          subscription_id: 'subscription-1',
          account_id: null,
          name: 'Follower one',
          state: 'active',
          online: true,
          open_copies: 0,
          lag_ms: null,
        }),
      'GET /api/v1/accounts/account-1/signals': () => pageOf(),
      'POST /api/v1/groups': create,
    },
  );
  const { user, path } = await open('/dashboard/account-1');
  const press = await screen.findByRole('button', {
    name: 'Group of this master and my followers',
  });
  await user.click(press);
  const dialog = await screen.findByRole('dialog', { name: 'New group' });
  expect(within(dialog).getByLabelText<HTMLSelectElement>('Begins with').value).toBe('account-1');
  await user.type(within(dialog).getByLabelText('Name'), 'Gold');
  await user.click(within(dialog).getByRole('button', { name: 'Create group' }));

  await vi.waitFor(() => expect(path()).toBe('/groups/group-1'));
  expect(create.mock.calls.map(([{ body }]) => body)).toEqual([
    { name: 'Gold master', master_account_id: 'account-1' },
    { name: 'Gold', master_account_id: 'account-1' },
  ]);
});
