import { cleanup, screen, within } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { keys } from '@/api/keys';
import { anAccount, aSession } from '@/test/build';
import { aRisk, aRule, aSummary, someInheritedMarks } from '@/test/build-risk';
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
  rules: [],
  template_id: null,
  template_size: null,
  confirmed_at: null,
};
const VIOLATION = {
  id: 'violation-1',
  phase_id: 'phase-1',
  rule_id: 'daily',
  kind: 'max_daily_loss',
  unit: 'money',
  severity: 'hard',
  evidence: {
    at: '2026-11-20T12:00:00Z',
    detected_at: '2026-11-20T12:00:01Z',
    source: 'observation',
    measured: '94900',
    floor: '95000',
    cap: null,
    buffer: '-100',
    reference: '100000',
    day: '2026-11-20',
    not_before: null,
    late: false,
    worst_buffer: '-120',
  },
  cleared_at: null,
  clear_reason: null,
};

function serveAccount(answers: Record<string, Answer> = {}) {
  return serve({
    'GET /api/v1/accounts': () => pageOf(account),
    'GET /api/v1/accounts/account-1': () => account,
    'GET /api/v1/accounts/account-1/risk': () => aRisk(),
    'GET /api/v1/accounts/account-1/risk/history': () => ({ points: [] }),
    'GET /api/v1/accounts/account-1/risk/days': () => pageOf(),
    'GET /api/v1/accounts/account-1/violations': () => pageOf(),
    'GET /api/v1/accounts/account-1/rules': () => RULES,
    ...answers,
  });
}

async function openSnapshot() {
  const { user, queries } = await open('/risk/account-1');
  await user.click(await screen.findByRole('button', { name: 'More for these rules' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Enter balance and equity…' }));
  const dialog = await screen.findByRole('dialog', { name: 'Enter balance and equity' });
  return { user, queries, dialog };
}

test('a balance that fell is asked about, and a payout is told together with the figures', async () => {
  let isDown = true;
  const take = vi.fn<Answer>(() => (isDown ? refuse(503, 'busy') : aRisk()));
  const calls = serveAccount({ 'POST /api/v1/accounts/account-1/snapshots': take });
  const { user, dialog } = await openSnapshot();
  expect(within(dialog).queryByRole('radiogroup')).toBeNull();
  await user.clear(within(dialog).getByLabelText('Balance (USD)'));
  await user.type(within(dialog).getByLabelText('Balance (USD)'), '98000.50');

  const asked = within(dialog).getByRole('radiogroup', {
    name: 'The balance is 1,999.50\u00a0USD lower. Why?',
  });
  const offered = within(asked).getAllByRole('radio');
  expect(offered.map((each) => each.getAttribute('value'))).toEqual([
    'trading',
    'withdrawal',
    'payout',
  ]);
  const save = within(dialog).getByRole('button', { name: 'Save' });
  expect(save.getAttribute('aria-disabled')).toBe('true');
  await user.click(within(asked).getByRole('radio', { name: 'Payout' }));
  await user.click(save);
  await within(dialog).findByRole('alert');
  isDown = false;
  await user.click(save);

  await vi.waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  const sent = { balance: '98000.50', equity: '96250', change: 'payout' };
  expect(take.mock.calls.map(([{ body }]) => body)).toEqual([sent, sent]);
  expect(calls).not.toContain('POST /api/v1/accounts/account-1/cash-flows');
});

test('a balance that stayed is told without a reason', async () => {
  const take = vi.fn<Answer>(() => aRisk());
  serveAccount({ 'POST /api/v1/accounts/account-1/snapshots': take });
  const { user, dialog } = await openSnapshot();
  await user.clear(within(dialog).getByLabelText('Equity (USD)'));
  await user.type(within(dialog).getByLabelText('Equity (USD)'), '99000');
  await user.click(within(dialog).getByRole('button', { name: 'Save' }));
  await vi.waitFor(() => expect(take).toHaveBeenCalledOnce());
  expect(take.mock.calls[0]?.[0].body).toEqual({ balance: '100000', equity: '99000' });
});

test('figures that cannot be read again leave the page and what is typed, until the account is gone', async () => {
  let refusal: ReturnType<typeof refuse> | undefined;
  serveAccount({
    'GET /api/v1/accounts/account-1': () => refusal ?? account,
    'GET /api/v1/accounts/account-1/risk': () => refusal ?? aRisk(),
  });
  const { user, queries, dialog } = await openSnapshot();
  await user.clear(within(dialog).getByLabelText('Balance (USD)'));
  await user.type(within(dialog).getByLabelText('Balance (USD)'), '98000.50');
  const readAgain = async () => {
    await queries.invalidateQueries();
    // What was found out is shown a moment later.
    await new Promise((done) => setTimeout(done, 50));
  };

  refusal = refuse(503, 'busy');
  await readAgain();
  expect(queries.getQueryState(keys.risk('account-1'))?.status).toBe('error');
  const still = screen.getByRole('dialog', { name: 'Enter balance and equity' });
  expect(within(still).getByLabelText<HTMLInputElement>('Balance (USD)').value).toBe('98000.50');

  refusal = refuse(404, 'not_found');
  await readAgain();
  expect(await screen.findByText('There is nothing at this address.')).toBeDefined();
});

test('an administrator takes back a crossed line and says why', async () => {
  const clear = vi.fn<Answer>(() => aRisk());
  serveAccount({
    'POST /api/v1/auth/refresh': () => aSession({ role: 'admin' }),
    'GET /api/v1/accounts/account-1/violations': () => pageOf(VIOLATION),
    'POST /api/v1/accounts/account-1/violations/violation-1/clear': clear,
  });
  const { user } = await open('/risk/account-1');
  await user.click(await screen.findByRole('button', { name: 'Take back…' }));
  const dialog = await screen.findByRole('dialog', { name: 'Take back: Daily loss' });
  const verb = within(dialog).getByRole('button', { name: 'Take back' });
  expect(verb.getAttribute('aria-disabled')).toBe('true');
  await user.type(within(dialog).getByLabelText('Why it was taken back'), 'A wrong tick');
  await user.click(verb);
  await vi.waitFor(() => expect(clear).toHaveBeenCalledOnce());
  expect(clear.mock.calls[0]?.[0].body).toEqual({ reason: 'A wrong tick' });
});

test('of lines that were crossed there are as many as somebody asks for', async () => {
  const before = {
    ...VIOLATION,
    id: 'violation-0',
    evidence: { ...VIOLATION.evidence, day: '2026-11-02' },
  };
  serveAccount({
    'GET /api/v1/accounts/account-1/violations': ({ url }) =>
      url.searchParams.get('cursor') === 'older'
        ? pageOf(before)
        : { items: [VIOLATION], next_cursor: 'older' },
  });
  const { user } = await open('/risk/account-1');
  const list = await screen.findByRole('region', { name: 'Lines that were crossed' });
  expect(within(list).getAllByText('Daily loss')).toHaveLength(1);
  await user.click(within(list).getByRole('button', { name: 'Load more' }));
  expect(await within(list).findByText('2026-11-02')).toBeDefined();
  expect(within(list).getAllByText('Daily loss')).toHaveLength(2);
  expect(within(list).queryByRole('button', { name: 'Load more' })).toBeNull();
});

test('a trader is not offered to take back a crossed line', async () => {
  serveAccount({ 'GET /api/v1/accounts/account-1/violations': () => pageOf(VIOLATION) });
  await open('/risk/account-1');
  expect(await screen.findByText('Lines that were crossed')).toBeDefined();
  expect(screen.queryByRole('button', { name: 'Take back…' })).toBeNull();
});

test('the list of accounts and a dashboard say the worst rule', async () => {
  serveAccount({
    'GET /api/v1/accounts': () => pageOf(account, anAccount({ id: 'account-2', name: 'Other' })),
    'GET /api/v1/risk': () =>
      pageOf(
        aSummary(),
        aSummary({ account_id: 'account-2', reason: 'no_phase', status: 'unknown' }),
      ),
    'GET /api/v1/accounts/account-1/followers': () => pageOf(),
  });
  const { user } = await open('/accounts');
  const row = (await screen.findByRole('link', { name: 'FTMO-3' })).closest('tr');
  await vi.waitFor(() =>
    expect(row?.textContent).toContain('CautionDaily loss · 1,250.00\u00a0USD left (25.0%)'),
  );
  const other = screen.getByRole('link', { name: 'Other' }).closest('tr');
  expect(other?.textContent).not.toContain('Unknown');
  await user.click(screen.getByRole('link', { name: 'FTMO-3' }));
  const line = await screen.findByRole('region', { name: 'Risk' });
  expect(line.textContent).toContain('Daily loss, 1,250.00\u00a0USD left');
});

test('a rule is not called safe in the list once its figures are old', async () => {
  serveAccount({
    'GET /api/v1/risk': () =>
      pageOf(aSummary({ status: 'stale', last_known_status: 'safe', stale: true })),
  });
  await open('/accounts');
  const row = (await screen.findByRole('link', { name: 'FTMO-3' })).closest('tr');
  await vi.waitFor(() => expect(row?.textContent).toContain('No fresh figures'));
  expect(row?.textContent).toContain('last known: Safe');
});

test('only a line that stays over the days can be set anew', async () => {
  let rules = [aRule()];
  serveAccount({ 'GET /api/v1/accounts/account-1/risk': () => aRisk({ rules }) });
  const first = await open('/risk/account-1');
  await first.user.click(await screen.findByRole('button', { name: 'More for these rules' }));
  expect(await screen.findByRole('menuitem', { name: 'Money was moved…' })).toBeDefined();
  expect(screen.queryByRole('menuitem', { name: 'The firm moved a line…' })).toBeNull();
  cleanup();

  rules = [aRule(), aRule({ rule_id: 'least', kind: 'min_equity' })];
  const { user } = await open('/risk/account-1');
  await user.click(await screen.findByRole('button', { name: 'More for these rules' }));
  await user.click(await screen.findByRole('menuitem', { name: 'The firm moved a line…' }));
  const lines = await screen.findByLabelText('Which line');
  expect(
    within(lines)
      .getAllByRole('option')
      .map(({ textContent }) => textContent),
  ).toEqual(['Least equity']);
});
