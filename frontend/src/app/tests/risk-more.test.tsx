import { screen, within } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import type { Corrections, RiskDay, RiskObjective } from '@/api/types';
import { aGroup, anAccount } from '@/test/build';
import { aGroupRisk, aRisk, aRule, aSummary, someInheritedMarks } from '@/test/build-risk';
import { open } from '@/test/render';
import { type Answer, pageOf, serve } from '@/test/server';

const account = anAccount({ name: 'FTMO-3' });
const RULES = {
  version: 3,
  phase_id: 'phase-1',
  started_at: '2026-11-20T12:00:00Z',
  currency: 'USD',
  starting_balance: '100000',
  day: { tz: 'Europe/Prague', reset: '00:00' },
  stale_after_s: 30,
  thresholds: {
    money: { caution: '50', critical: '20' },
    count: { caution: '25', critical: '0' },
  },
  own_thresholds: { money: null, count: null },
  inherited: someInheritedMarks(),
  rules: [],
  template_id: null,
  template_size: null,
  confirmed_at: null,
};
const TEMPLATE = {
  id: 'ftmo_2step_p1',
  firm: 'FTMO',
  program: '2-Step',
  stage: 'phase 1',
  market_sizes: [50000, 100000],
  day: { tz: 'Europe/Prague', reset: '00:00' },
  rules: [
    {
      id: 'daily',
      kind: 'max_daily_loss',
      limit: { type: 'by_size', values: { '50000': '2500', '100000': '5000' } },
      reference: 'balance',
    },
  ],
  confidence: 'medium-high',
  as_of: '2026-10-04',
  sources: ['https://example.test/objectives'],
  notes: 'Static, not trailing.',
  copying: {
    own_accounts: 'allowed',
    other_people: 'forbidden',
    copier_programs: 'restricted',
    confidence: 'medium-high',
    read_on: '2026-10-02',
    source: 'https://example.test/copying',
    notes: 'Own accounts only.',
  },
};

function serveAccount(risk = aRisk(), answers: Record<string, Answer> = {}) {
  return serve({
    'GET /api/v1/accounts': () => pageOf(account),
    'GET /api/v1/accounts/account-1': () => account,
    'GET /api/v1/accounts/account-1/risk': () => risk,
    'GET /api/v1/accounts/account-1/risk/history': () => ({ points: [] }),
    'GET /api/v1/accounts/account-1/risk/days': () => pageOf(),
    'GET /api/v1/accounts/account-1/violations': () => pageOf(),
    'GET /api/v1/accounts/account-1/rules': () => RULES,
    ...answers,
  });
}

const evidence = {
  at: '2026-11-20T12:00:00Z',
  detected_at: '2026-11-20T12:00:09Z',
  source: 'observation' as const,
  measured: '94900',
  floor: '95000',
  cap: null,
  buffer: '-100',
  reference: '100000',
  day: '2026-11-20',
  not_before: '2026-11-20T11:59:51Z',
  late: true,
  worst_buffer: '-120',
};

test('a line that only pauses says when the pause ends, and its evidence is whole', async () => {
  const rule = aRule({
    status: 'violated',
    latched: true,
    violation: evidence,
    pause_ends_at: '2026-11-20T23:00:00Z',
  });
  serveAccount(aRisk({ status: 'violated', rules: [rule] }), {
    'GET /api/v1/accounts/account-1/violations': () =>
      pageOf({
        id: 'violation-1',
        phase_id: 'phase-1',
        rule_id: 'daily',
        kind: 'max_daily_loss',
        unit: 'money',
        severity: 'soft',
        evidence,
        cleared_at: null,
        clear_reason: null,
      }),
  });
  await open('/risk/account-1');
  const banner = await screen.findByText(/Trading pauses until/);
  expect(banner.querySelector('time[datetime="2026-11-20T23:00:00Z"]')).not.toBeNull();

  const list = await screen.findByRole('region', { name: 'Lines that were crossed' });
  expect(list.textContent).toContain('Reference100,000.00\u00a0USD');
  expect(list.textContent).toContain('Day2026-11-20');
  expect(list.textContent).toContain('learnt of later');
  expect(list.textContent).toContain('Still good at');
  expect(list.querySelector('time[datetime="2026-11-20T11:59:51Z"]')).not.toBeNull();
});

test('a cap on the value of what is open is money, wherever it is told', async () => {
  serveAccount(aRisk(), {
    'GET /api/v1/accounts/account-1/rules': () => ({
      ...RULES,
      rules: [{ id: 'value', kind: 'max_lots', metric: 'notional', cap: '50000' }],
    }),
    'GET /api/v1/accounts/account-1/violations': () =>
      pageOf({
        id: 'violation-1',
        phase_id: 'phase-1',
        rule_id: 'value',
        kind: 'max_lots',
        unit: 'money',
        severity: 'hard',
        evidence: { ...evidence, measured: '51000', floor: null, cap: '50000' },
        cleared_at: null,
        clear_reason: null,
      }),
  });
  await open('/risk/account-1');
  const list = await screen.findByRole('region', { name: 'Lines that were crossed' });
  expect(list.textContent).toContain('Line50,000.00\u00a0USD');
  const rules = screen.getByRole('region', { name: 'Rules' });
  expect((await within(rules).findByText(/^at most/)).textContent).toContain(
    'at most 50,000.00\u00a0USD',
  );
});

test('what is left is told in what its limit counts', async () => {
  const room = aSummary().weakest;
  if (!room) throw new Error('a summary has a weakest rule');
  serve({
    'GET /api/v1/accounts': () => pageOf(account),
    'GET /api/v1/groups': () => pageOf(aGroup([account])),
    'GET /api/v1/groups/group-1/risk': () =>
      aGroupRisk({
        members: [
          aSummary({ weakest: { ...room, kind: 'max_lots', unit: 'money', buffer: '50000' } }),
          aSummary({
            account_id: 'account-2',
            weakest: { ...room, kind: 'daily_trade_count', unit: 'count', buffer: '2' },
          }),
          aSummary({
            account_id: 'account-3',
            weakest: { ...room, kind: 'max_lots', unit: 'lots', buffer: '0.5' },
          }),
        ],
      }),
  });
  await open('/groups/group-1');
  const summary = await screen.findByRole('region', { name: 'Summary' });
  expect(summary.textContent).toContain('Size, 50,000.00\u00a0USD left');
  const table = screen.getByRole('table', { name: 'Accounts, weakest first' });
  const [, value, trades, lots] = within(table).getAllByRole('row');
  expect(value?.textContent).toContain('50,000.00\u00a0USD');
  expect(trades?.textContent).toContain('2 trades');
  expect(lots?.textContent).toContain('0.5 lots');
});

test('a row says what holds its account back, and which line no longer moves', async () => {
  const room = aSummary().weakest;
  if (!room) throw new Error('a summary has a weakest rule');
  const pause_ends_at = '2026-11-20T23:00:00Z';
  serve({
    'GET /api/v1/accounts': () => pageOf(account),
    'GET /api/v1/groups': () => pageOf(aGroup([account])),
    'GET /api/v1/groups/group-1/risk': () =>
      aGroupRisk({
        members: [
          aSummary({
            daily: { ...room, buffer: '1300' },
            total: { ...room, kind: 'max_total_loss', buffer: '8750', buffer_percent: '87.5' },
            next_reset_at: pause_ends_at,
          }),
          aSummary({ account_id: 'paused', pause_ends_at }),
          aSummary({ account_id: 'stopped', guard_stopped: true, pause_ends_at }),
          aSummary({
            account_id: 'trailing',
            weakest: { ...room, kind: 'trailing_drawdown', locked: true },
          }),
        ],
      }),
  });
  await open('/groups/group-1');
  const table = await screen.findByRole('table', { name: 'Accounts, weakest first' });
  const [, free, paused, stopped, trailing] = within(table).getAllByRole('row');
  const pill = paused?.querySelector(`time[datetime="${pause_ends_at}"]`)?.parentElement;
  expect(pill?.textContent).toMatch(/^Paused until ./);
  expect(stopped?.textContent).toContain('Stopped by a guard');
  expect(stopped?.textContent).not.toContain('Paused until');
  for (const figure of ['▼ −3,750.00', '1,300.00\u00a0', '8,750.00\u00a0', '1,250.00\u00a0']) {
    expect(free?.textContent).toContain(figure);
  }
  expect(free?.querySelector(`time[datetime="${pause_ends_at}"]`)).not.toBeNull();
  expect(free?.textContent).not.toMatch(/Stopped by|Paused until|no longer moves/);
  expect(trailing?.textContent).toContain('The line no longer moves');
});

test('a line that ends the account promises no end of a pause', async () => {
  const rule = aRule({ status: 'violated', latched: true, violation: evidence });
  serveAccount(aRisk({ status: 'violated', rules: [rule] }));
  await open('/risk/account-1');
  await screen.findByText(/limit crossed by our measurement/);
  expect(screen.queryByText(/Trading pauses until/)).toBeNull();
});

const CORRECTIONS: Corrections = {
  floor_overrides: [
    {
      id: 'floor-1',
      rule_id: 'total',
      at: '2026-11-20T12:00:00Z',
      floor: '91000',
      reason: 'First payout',
      set_by: 'Ada',
      set_at: '2026-11-20T12:00:00Z',
      taken_back_at: null,
      taken_back_by: null,
      take_back_reason: null,
    },
    {
      id: 'floor-0',
      rule_id: 'total',
      at: '2026-11-19T12:00:00Z',
      floor: '92000',
      reason: 'Payout',
      set_by: 'Ada',
      set_at: '2026-11-19T12:00:00Z',
      taken_back_at: '2026-11-19T13:00:00Z',
      taken_back_by: 'Bob',
      take_back_reason: 'It was another account',
    },
  ],
  cash_flows: [
    {
      id: 'flow-1',
      kind: 'payout',
      at: '2026-11-20T12:00:00Z',
      amount: '-700',
      note: 'June',
      is_reported: false,
      set_by: 'Ada',
      set_at: '2026-11-20T12:00:00Z',
    },
  ],
  day_starts: [
    {
      label: '2026-11-20',
      balance: '100000',
      equity: '100100',
      set_by: 'Ada',
      set_at: '2026-11-20T12:00:00Z',
    },
  ],
};

test('what was corrected is listed with its author, and a line is taken back with a reason', async () => {
  const takeBack = vi.fn<Answer>(() => aRisk());
  serveAccount(aRisk(), {
    'GET /api/v1/accounts/account-1/corrections': () => CORRECTIONS,
    'POST /api/v1/accounts/account-1/floor-overrides/floor-1/take-back': takeBack,
  });
  const { user } = await open('/risk/account-1');
  const list = await screen.findByRole('region', { name: 'What was corrected' });
  expect(list.textContent).toContain('line at 91,000.00\u00a0USD');
  expect(list.textContent).toContain('It was another account · by Bob');
  expect(list.textContent).toContain('June · by Ada');
  expect(list.textContent).toContain('equity 100,100.00 USD');

  await user.click(within(list).getByRole('button', { name: 'Take back…' }));
  const dialog = await screen.findByRole('dialog', { name: /Take back: line at 91,000\.00/ });
  const go = within(dialog).getByRole('button', { name: 'Take back' });
  expect(go.getAttribute('aria-disabled')).toBe('true');
  await user.type(within(dialog).getByLabelText('Why it is taken back'), 'Mistyped');
  await user.click(go);
  await vi.waitFor(() => expect(takeBack).toHaveBeenCalledOnce());
  expect(takeBack.mock.calls[0]?.[0].body).toEqual({ reason: 'Mistyped' });
});

test('the second question shows who would cross a line if every open stop were hit', async () => {
  const ask = vi.fn<Answer>(() => ({
    max_leader_lots: '1',
    binding: null,
    per_account: [],
    zero_size: [],
    asked: [],
    left_out: [],
    stopped_out: [
      { account_id: 'one', after: { equity: '89000', status: 'violated', rules: [] } },
      { account_id: 'two', after: null },
    ],
  }));
  serve({
    'GET /api/v1/accounts': () => pageOf(account),
    'GET /api/v1/groups': () => pageOf(aGroup([account])),
    'GET /api/v1/groups/group-1/risk': () =>
      aGroupRisk({
        members: [
          aSummary({ account_id: 'one', account_name: 'One' }),
          aSummary({ account_id: 'two', account_name: 'Two' }),
        ],
      }),
    'GET /api/v1/risk/templates': () => ({ warning: '', templates: [TEMPLATE] }),
    'POST /api/v1/groups/group-1/risk/what-if': ask,
  });
  const { user } = await open('/groups/group-1');
  const table = await screen.findByRole('table', { name: 'Accounts, weakest first' });
  expect((await within(table).findAllByText('FTMO · 2-Step')).length).toBe(2);
  await user.type(await screen.findByLabelText('Symbol, if it matters'), 'mnqz6');
  await user.type(screen.getByLabelText('Loss of one lot at the stop'), '500');

  const stress = await screen.findByRole('region', {
    name: 'If every stop that is set were hit now',
  });
  const [one, two] = within(stress).getAllByRole('listitem');
  expect(one?.textContent).toContain('Equity would be 89,000.00 USD');
  expect(one?.textContent).toContain('Limit crossed');
  expect(two?.textContent).toContain('Not known: a position has no stop');
  expect(two?.textContent).not.toContain('Safe');
  expect(ask.mock.lastCall?.[0].body).toMatchObject({ symbol: 'MNQZ6' });
});

const day = (label: string, running = false, changes: Partial<RiskDay> = {}): RiskDay => ({
  label,
  started_at: `${label}T00:00:00Z`,
  running,
  start_balance: '100000',
  start_equity: '100000',
  end_balance: '100250',
  end_equity: '100100',
  low_equity: '99000',
  high_equity: '100300',
  change: '100',
  closed: '250',
  worst_status: 'caution',
  violations: [],
  ...changes,
});

test('days have a table behind the calendar, which goes on where it ends', async () => {
  serveAccount(aRisk(), {
    'GET /api/v1/accounts/account-1/risk/days': ({ url }) =>
      url.searchParams.get('cursor') === 'more'
        ? pageOf(day('2026-11-18'))
        : { items: [day('2026-11-20', true), day('2026-11-19')], next_cursor: 'more' },
  });
  const { user } = await open('/risk/account-1');
  const card = await screen.findByRole('region', { name: 'Days' });
  await user.click(within(card).getByRole('button', { name: 'Show as table' }));
  const table = await screen.findByRole('table', { name: 'Days' });
  const [, first] = within(table).getAllByRole('row');
  expect(first?.textContent).toContain('2026-11-20running');
  expect(first?.textContent).toContain('▲ +100.00 USD');
  expect(first?.textContent).toContain('Caution');

  await user.click(screen.getByRole('button', { name: 'Load more' }));
  await within(table).findByText('2026-11-18');
  expect(within(table).getAllByRole('row')).toHaveLength(4);
  expect(screen.queryByRole('button', { name: 'Load more' })).toBeNull();
});

test('a month of days says what each brought and how it stood, by pointer and by keys', async () => {
  vi.useFakeTimers({ now: new Date('2026-11-20T12:00:00Z'), toFake: ['Date'] });
  const months: (string | null)[] = [];
  serveAccount(aRisk(), {
    'GET /api/v1/accounts/account-1/risk/days': ({ url }) => {
      const month = url.searchParams.get('month');
      months.push(month);
      return month === '2026-11'
        ? pageOf(
            day('2026-11-20', true),
            day('2026-11-18', false, {
              change: '-5200',
              worst_status: 'violated',
              violations: ['max_daily_loss'],
            }),
          )
        : pageOf();
    },
  });
  const { user } = await open('/risk/account-1');
  const card = await screen.findByRole('region', { name: 'Days' });
  const good = await within(card).findByRole('button', { name: /20 November 2026/ });
  expect(good.getAttribute('aria-label')).toContain('+100 USD, worst status: Caution');
  good.focus();
  await user.keyboard('{ArrowLeft}');
  const lost = within(card).getByRole('button', { name: /18 November 2026/ });
  expect(document.activeElement).toBe(lost);
  expect(lost.getAttribute('aria-label')).toContain('1 line was crossed');
  await user.keyboard('{Enter}');
  const detail = within(card).getByRole('region', { name: '18 November 2026' });
  expect(detail.textContent).toContain('Limit crossed');
  expect(detail.textContent).toContain('Daily loss');
  expect(detail.textContent).toContain('▼ −5,200.00 USD');

  await user.click(within(card).getByRole('button', { name: 'Month before' }));
  expect(await within(card).findByText('No figures of this month are kept.')).toBeDefined();
  expect(within(card).queryByRole('region', { name: '18 November 2026' })).toBeNull();
  expect(new Set(months)).toEqual(new Set(['2026-11', '2026-10']));
  vi.useRealTimers();
});

test('equity against its lines has a table behind the chart', async () => {
  serveAccount(aRisk(), {
    'GET /api/v1/accounts/account-1/risk/history': () => ({
      points: [
        {
          at: '2026-11-20T12:00:00Z',
          balance: '100000',
          equity: '96250',
          low: '96000',
          high: '97000',
          floors: { daily: '95000' },
        },
      ],
    }),
  });
  const { user } = await open('/risk/account-1');
  const chart = await screen.findByRole('region', { name: 'Equity against its lines' });
  await user.click(await within(chart).findByRole('button', { name: 'Show as table' }));
  const [, row] = within(chart).getAllByRole('row');
  expect(row?.textContent).toContain('96,250.00 USD');
  expect(row?.textContent).toContain('97,000.00 USD');
});

test('a template says every value, how sure it is and from where, and its size is chosen', async () => {
  const begin = vi.fn<Answer>(() => RULES);
  serveAccount(aRisk(), {
    'GET /api/v1/risk/templates': () => ({ warning: '', templates: [TEMPLATE] }),
    'POST /api/v1/accounts/account-1/phases': begin,
  });
  const { user } = await open('/risk/account-1');
  await user.click(await screen.findByRole('button', { name: 'More for these rules' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Begin a new phase…' }));
  const dialog = await screen.findByRole('dialog', { name: 'Rules for this account' });
  await user.selectOptions(await within(dialog).findByLabelText('Size of the account'), '100000');

  expect(dialog.textContent).toContain('5,000.00\u00a0USD · from the day’s balance');
  expect(dialog.textContent).toContain('As of 2026-10-04; confidence: rather high.');
  expect(dialog.textContent).toContain('https://example.test/objectives');
  expect(dialog.textContent).toContain('Static, not trailing.');
  const policy = within(dialog).getByRole('region', { name: 'What the firm says about copying' });
  expect(policy.textContent).toContain('Between your own accountsallowed');
  expect(policy.textContent).toContain('From or to other peoplenot allowed');
  expect(policy.textContent).toContain('By a program or an EAallowed under conditions');
  expect(policy.textContent).toContain('Read on 2026-10-02; confidence: rather high.');
  expect(within(policy).getByRole('link', { name: 'The firm’s page' }).getAttribute('href')).toBe(
    'https://example.test/copying',
  );
  await user.click(within(dialog).getByRole('button', { name: 'Begin with these rules' }));
  await vi.waitFor(() => expect(begin).toHaveBeenCalledOnce());
  expect(begin.mock.calls[0]?.[0].body).toEqual({ template_id: 'ftmo_2step_p1', size: 100000 });
});

test('rules are confirmed in the version that was read, and say since when', async () => {
  const confirm = vi.fn<Answer>(() => ({ ...RULES, confirmed_at: '2026-11-20T12:00:00Z' }));
  serveAccount(aRisk(), { 'POST /api/v1/accounts/account-1/rules/confirm': confirm });
  const { user } = await open('/risk/account-1');
  const rules = await screen.findByRole('region', { name: 'Rules' });
  expect(await within(rules).findByText(/Nobody has compared/)).toBeDefined();
  await user.click(within(rules).getByRole('button', { name: 'They match my dashboard' }));
  const since = await within(rules).findByText(/^Compared with the dashboard on/);
  expect(since.querySelector('time')?.getAttribute('datetime')).toBe('2026-11-20T12:00:00Z');
  expect(confirm.mock.calls.map(([{ body }]) => body)).toEqual([{ version: 3 }]);
  expect(within(rules).queryByRole('button', { name: 'They match my dashboard' })).toBeNull();
});

const objective = (changes: Partial<RiskObjective>): RiskObjective => ({
  rule_id: 'target',
  kind: 'profit_target',
  state: 'open',
  target: null,
  current: null,
  remaining: null,
  progress_percent: null,
  best_day: null,
  denominator: null,
  ratio_percent: null,
  allowed: null,
  buffer: null,
  extra_profit_needed: null,
  ...changes,
});

test('objectives say how far they are, in words and not in colours alone', async () => {
  const objectives = [
    objective({ target: '10000', current: '2500', remaining: '7500', progress_percent: '25' }),
    objective({
      rule_id: 'days',
      kind: 'min_trading_days',
      state: 'met',
      target: '4',
      current: '4',
    }),
    objective({
      rule_id: 'best',
      kind: 'consistency',
      state: 'blocked',
      best_day: '1500',
      ratio_percent: '48.3871',
      allowed: '1240',
      extra_profit_needed: '650',
    }),
  ];
  serveAccount(aRisk({ objectives }));
  await open('/risk/account-1');
  const list = await screen.findByRole('region', { name: 'Objectives' });
  const [target, days, best] = within(list).getAllByRole('listitem');
  expect(target?.textContent).toContain('2,500.00\u00a0USD of 10,000.00\u00a0USD');
  expect(target?.textContent).toContain('Under way');
  expect(days?.textContent).toContain('4 of 4 days');
  expect(days?.textContent).toContain('Met');
  expect(best?.textContent).toContain('650.00\u00a0USD more profit needed');
});

test('in the weeks between two changes of clocks the day’s end is warned of', async () => {
  serveAccount(
    aRisk({ computed_at: '2026-10-27T12:00:00Z', next_reset_at: '2026-10-27T23:00:00Z' }),
  );
  await open('/risk/account-1');
  const until = await screen.findByRole('region', { name: 'Until the day ends' });
  expect(until.textContent).toContain(
    'In these weeks Europe/Prague and New York, by whose time most servers run, are an hour nearer',
  );
});

test('the day’s end is said by the firm’s clock and by the reader’s', async () => {
  serveAccount(aRisk({ next_reset_at: '2026-11-20T23:00:00Z' }));
  await open('/risk/account-1');
  const until = await screen.findByRole('region', { name: 'Until the day ends' });
  expect(until.textContent).toContain('At 00:00, Europe/Prague');
  expect(until.querySelectorAll('time[datetime="2026-11-20T23:00:00Z"]').length).toBeGreaterThan(1);
});
