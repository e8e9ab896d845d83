import { screen, within } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { aGroup, anAccount } from '@/test/build';
import { aGroupRisk, aRisk, aRule, aSummary, someInheritedMarks } from '@/test/build-risk';
import { open } from '@/test/render';
import { type Answer, pageOf, refuse, serve } from '@/test/server';

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
  rules: [
    {
      id: 'daily',
      kind: 'max_daily_loss',
      limit: { type: 'percent', value: '5', of: 'initial' },
      reference: 'balance',
    },
  ],
  template_id: null,
  template_size: null,
  confirmed_at: null,
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

test('the board names the weakest account and its rule, and marks it in the table', async () => {
  serve({
    'GET /api/v1/accounts': () => pageOf(account),
    'GET /api/v1/groups': () => pageOf(aGroup([account])),
    'GET /api/v1/groups/group-1/risk': () =>
      aGroupRisk({
        members: [
          aSummary(),
          aSummary({
            account_id: 'account-2',
            account_name: 'APEX-1',
            status: 'stale',
            last_known_status: 'safe',
            stale: true,
            disconnected: true,
          }),
        ],
        complete: false,
        stale_members: ['account-2'],
      }),
  });
  await open('/groups/group-1');
  const summary = await screen.findByRole('region', { name: 'Summary' });
  expect(summary.textContent).toContain('FTMO-3: Daily loss, 1,250.00\u00a0USD left (25.0%)');
  expect(summary.textContent).toContain('Gate open, with care');
  expect(summary.textContent).toContain('1 account not known');

  const table = screen.getByRole('table', { name: 'Accounts, weakest first' });
  const [, first, second] = within(table).getAllByRole('row');
  expect(first?.textContent).toContain('Weakest');
  expect(second?.textContent).toContain('No fresh figures');
  expect(second?.textContent).toContain('last known: Safe');
  expect(first?.textContent).not.toContain('not heard of');
  expect(second?.textContent).toContain('not heard of for over ten minutes');
  const bars = screen.getByRole('region', { name: 'Room by limit' });
  expect(
    within(bars).getByRole('img', {
      name: '25 % of the limit is left; caution from 50 %, critical from 20 %',
    }),
  ).toBeDefined();
});

test('the smallest share and the smallest amount are told with their owners, on card and board', async () => {
  const money = { account_id: 'account-2', account_name: 'APEX-1', value: '900' };
  serve({
    'GET /api/v1/accounts': () => pageOf(account),
    'GET /api/v1/groups': () => pageOf(aGroup([account])),
    'GET /api/v1/groups/group-1/risk': () => aGroupRisk({ min_money: money }),
  });
  const { user } = await open('/groups');
  expect((await screen.findByText(/^Smallest share left/)).textContent).toBe(
    'Smallest share left: 25.0%, FTMO-3',
  );
  expect(screen.getByText(/^Smallest amount left/).textContent).toBe(
    'Smallest amount left: 900.00 USD, APEX-1',
  );

  await user.click(screen.getByRole('link', { name: 'Open the risk board' }));
  const share = (await screen.findByText('Smallest share left')).parentElement;
  expect(share?.textContent).toBe('Smallest share left25.0%FTMO-3');
  const amount = screen.getByText('Smallest amount left').parentElement;
  expect(amount?.textContent).toBe('Smallest amount left900.00 USDAPEX-1');
});

test('a limit says how its figure was made', async () => {
  serveAccount();
  const { user } = await open('/risk/account-1');
  expect(await screen.findByText('1,250.00 USD left')).toBeDefined();
  expect(
    screen.getByRole('img', {
      name: '25 % of the limit is left; caution from 50 %, critical from 20 %',
    }),
  ).toBeDefined();
  const heading = screen.getByRole('heading', { level: 1, name: 'Risk of FTMO-3' });
  const gauge = screen.getByRole('img', { name: '25 % of the limit is left' });
  expect(heading.parentElement?.contains(gauge)).toBe(true);
  await user.click(screen.getByText('How this number was made'));
  expect(screen.getByText('measured at the reset')).toBeDefined();
  expect(screen.getByText('2026-11-20 · 00:00 Europe/Prague')).toBeDefined();
});

test('a crossed line is said with its evidence, and that the firm decides', async () => {
  const violation = {
    at: '2026-11-20T12:00:00Z',
    detected_at: '2026-11-20T12:00:01Z',
    source: 'observation' as const,
    measured: '94900',
    floor: '95000',
    cap: null,
    buffer: '-100',
    reference: '100000',
    day: '2026-11-20',
    not_before: null,
    late: false,
    worst_buffer: '-120',
  };
  const rule = aRule({
    status: 'violated',
    latched: true,
    violation,
    buffer: '-100',
    buffer_percent: '-2',
  });
  serveAccount(aRisk({ status: 'violated', rules: [rule] }));
  await open('/risk/account-1');
  const banner = await screen.findByRole('alert');
  expect(banner.textContent).toContain('Daily loss: limit crossed by our measurement at');
  expect(banner.textContent).toContain('94,900.00\u00a0USD');
  expect(banner.textContent).toContain('the firm decides');
  expect(screen.getByText('100.00 USD over the line')).toBeDefined();
});

test.each([
  { stale: true, disconnected: true, isSaid: true },
  { stale: true, disconnected: false, isSaid: false },
  // What a person typed in counts for the whole day.
  { stale: false, disconnected: true, isSaid: false },
])('silence of ten minutes is said where figures are old: $isSaid', async ({ isSaid, ...old }) => {
  serveAccount(aRisk({ ...old, status: old.stale ? 'stale' : 'safe' }));
  await open('/risk/account-1');
  await screen.findByRole('heading', { level: 1, name: 'Risk of FTMO-3' });
  expect(screen.queryByText('not heard of for over ten minutes') !== null).toBe(isSaid);
});

test('an account without figures is unknown, and is led to the Reporter', async () => {
  const risk = aRisk({ status: 'unknown', reason: 'no_data', as_of: null, rules: [] });
  serveAccount(risk);
  const { user } = await open('/risk/account-1');
  expect(await screen.findByText('No figures yet')).toBeDefined();
  expect(screen.getByText('Unknown')).toBeDefined();
  await user.click(screen.getByRole('link', { name: 'Set up the Reporter' }));
  expect(await screen.findByText('Waiting for your EA…')).toBeDefined();
  const file = screen.getByRole('link', { name: 'Download FlotillaReporter.mq5' });
  expect(file.getAttribute('href')).toBe('/ea/FlotillaReporter.mq5');
  expect(screen.getByText(/^[0-9a-f]{64}$/)).toBeDefined();
});

test.each([
  ['bingx', 'by its API key', ['Look at the connection']],
  ['paper', 'from the prices of the market', []],
] as const)('figures of a %s account come without a Reporter', async (platform, whence, links) => {
  const risk = aRisk({ status: 'unknown', reason: 'no_data', as_of: null, rules: [] });
  serveAccount(risk, {
    'GET /api/v1/accounts/account-1': () => ({ ...account, platform }),
    'GET /api/v1/exchange-keys': () => ({ items: [], egress_addresses: [] }),
  });
  await open('/risk/account-1');
  expect(await screen.findByText(new RegExp(whence))).toBeDefined();
  expect(screen.queryByRole('link', { name: 'Set up the Reporter' })).toBeNull();
  for (const name of links) expect(screen.getByRole('link', { name })).toBeDefined();
});

test('a Reporter whose figures arrive is connected, also before there are rules', async () => {
  const reporting = { ...account, online: false, figures_at: new Date().toISOString() };
  serveAccount(aRisk({ phase: null, status: 'unknown', reason: 'no_phase', as_of: null }), {
    'GET /api/v1/accounts/account-1': () => reporting,
  });
  await open('/risk/account-1/reporter');
  expect(await screen.findByText(/^Connected\. Figures from/)).toBeDefined();
  expect(screen.getByText(/no rules yet, so nobody judges them/)).toBeDefined();
  expect(screen.getByRole('link', { name: 'Choose rules' }).getAttribute('href')).toBe(
    '/risk/account-1',
  );
});

test('rules edited by somebody else keep what was typed', async () => {
  let version = 3;
  const put = vi.fn<Answer>(() => {
    version = 4;
    const edit = { changed_by: 'Nok', changed_at: '2026-11-20T12:00:00Z' };
    return refuse(409, 'stale_version', [], edit);
  });
  serveAccount(aRisk(), {
    'GET /api/v1/accounts/account-1/rules': () => ({ ...RULES, version }),
    'PUT /api/v1/accounts/account-1/rules': put,
  });
  const { user } = await open('/risk/account-1');
  await user.click(await screen.findByRole('button', { name: 'Edit rules' }));
  const dialog = await screen.findByRole('dialog', { name: 'Edit rules' });
  await user.clear(within(dialog).getByLabelText('Value, %'));
  await user.type(within(dialog).getByLabelText('Value, %'), '4');
  await user.click(within(dialog).getByRole('button', { name: 'Save' }));
  const conflict = await within(dialog).findByRole('alert');
  expect(conflict.textContent).toContain('Nok changed these rules');
  expect(conflict.textContent).toContain('Nothing was saved');
  expect(within(dialog).getByLabelText<HTMLInputElement>('Value, %').value).toBe('4');
  await vi.waitFor(() => expect(version).toBe(4));
  await user.click(within(dialog).getByRole('button', { name: 'Save mine' }));
  await vi.waitFor(() => expect(put.mock.calls.length).toBe(2));
  const [first, second] = put.mock.calls.map(([{ body }]) => body as typeof RULES);
  expect([first?.version, second?.version]).toEqual([3, 4]);
  expect(second?.rules[0]?.limit.value).toBe('4');
});

test('saving again after a conflict leaves rules alone that were not typed', async () => {
  const total = (value: string) => ({
    id: 'total',
    kind: 'max_total_loss',
    limit: { type: 'percent', value, of: 'initial' },
  });
  let there = { ...RULES, rules: [...RULES.rules, total('10')] };
  const put = vi.fn<Answer>(() => {
    there = { ...there, version: 4, rules: [...RULES.rules, total('8')] };
    return refuse(409, 'stale_version');
  });
  serveAccount(aRisk(), {
    'GET /api/v1/accounts/account-1/rules': () => there,
    'PUT /api/v1/accounts/account-1/rules': put,
  });
  const { user } = await open('/risk/account-1');
  await user.click(await screen.findByRole('button', { name: 'Edit rules' }));
  const dialog = await screen.findByRole('dialog', { name: 'Edit rules' });
  const [daily, whole] = within(dialog).getAllByLabelText<HTMLInputElement>('Value, %');
  await user.type(daily as HTMLInputElement, '{Backspace}4');
  await user.click(within(dialog).getByRole('button', { name: 'Save' }));
  await vi.waitFor(() => expect(whole?.value).toBe('8'));
  expect(daily?.value).toBe('4');
  await user.click(within(dialog).getByRole('button', { name: 'Save mine' }));
  await vi.waitFor(() => expect(put).toHaveBeenCalledTimes(2));
  const { version, rules } = put.mock.lastCall?.[0].body as typeof RULES;
  expect([version, ...rules.map(({ limit }) => limit.value)]).toEqual([4, '4', '8']);
});

test('whether pending orders count is chosen where positions are limited, and nowhere else', async () => {
  const open5 = { id: 'open', kind: 'max_open_positions', cap: '5', include_pending: false };
  const rules = [...RULES.rules, open5];
  const put = vi.fn<Answer>(({ body }) => ({ ...RULES, ...(body as object), version: 4 }));
  serveAccount(aRisk(), {
    'GET /api/v1/accounts/account-1/rules': () => ({ ...RULES, rules }),
    'PUT /api/v1/accounts/account-1/rules': put,
  });
  const { user } = await open('/risk/account-1');
  await user.click(await screen.findByRole('button', { name: 'Edit rules' }));
  const dialog = await screen.findByRole('dialog', { name: 'Edit rules' });
  const pending = within(dialog).getByRole('switch', { name: 'Pending orders count' });
  expect(pending.getAttribute('aria-checked')).toBe('false');
  await user.click(pending);
  await user.click(within(dialog).getByRole('button', { name: 'Save' }));

  await vi.waitFor(() => expect(put).toHaveBeenCalledOnce());
  expect(put.mock.calls[0]?.[0].body).toEqual({
    version: 3,
    rules: [...RULES.rules, { ...open5, include_pending: true }],
  });
  expect(await screen.findByText(/pending orders count/)).toBeDefined();
});

test.each([
  { clock_skew: true, clock_ahead_ms: -40_400, isNamed: true },
  { clock_skew: false, clock_ahead_ms: 900, isNamed: false },
])('a clock $clock_ahead_ms ms ahead is named: $isNamed', async ({ isNamed, ...clock }) => {
  serve({
    'GET /api/v1/accounts/account-1': () => anAccount({ name: 'FTMO-3' }),
    'GET /api/v1/accounts/account-1/risk': () => aRisk(clock),
  });
  await open('/risk/account-1');
  await screen.findByRole('heading', { level: 1, name: 'Risk of FTMO-3' });
  expect(screen.queryByText(/computer is 40 seconds behind/) !== null).toBe(isNamed);
});
