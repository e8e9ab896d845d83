import { screen, within } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { anAccount } from '@/test/build';
import { open } from '@/test/render';
import { type Answer, pageOf, refuse, serve } from '@/test/server';

const KEY = 'sk_live_0123456789abcdef0123456789abcdef';

test('accounts show role, connection and balance', async () => {
  serve({
    'GET /api/v1/accounts': () =>
      pageOf(
        anAccount({ online: true, balance: '52110.4' }),
        anAccount({ id: 'b', name: 'Old', copy_role: 'none' }),
      ),
  });
  await open('/accounts');

  const row =
    (await screen.findByRole('link', { name: 'Gold master' })).closest('tr') ?? document.body;
  expect(within(row).getByText('Master')).toBeDefined();
  expect(within(row).getByText('Online')).toBeDefined();
  expect(within(row).getByText('52,110.40 USD')).toBeDefined();
  expect(screen.getByText('Journal')).toBeDefined();
});

test('accounts wait for what stands above and in their rows, and not for what failed', async () => {
  let answer: (value: unknown) => void = () => undefined;
  const risks = new Promise((resolve) => {
    answer = resolve;
  });
  serve({
    'GET /api/v1/accounts': () => pageOf(anAccount()),
    'GET /api/v1/risk': () => risks,
  });
  await open('/accounts');
  expect(await screen.findByRole('heading', { name: 'Accounts' })).toBeDefined();
  expect(await screen.findByRole('button', { name: /Switch account/ })).toBeDefined();
  expect(screen.queryByRole('link', { name: 'Gold master' })).toBeNull();

  answer(refuse(500, 'internal'));

  expect(await screen.findByRole('link', { name: 'Gold master' })).toBeDefined();
});

test('without accounts the page says what would be here', async () => {
  serve({});
  await open('/accounts');
  expect(await screen.findByText('No accounts yet')).toBeDefined();
});

test('a failed list can be tried again', async () => {
  let isDown = true;
  serve({ 'GET /api/v1/accounts': () => (isDown ? refuse(500, 'internal') : pageOf(anAccount())) });
  const { user } = await open('/accounts');

  expect(await screen.findByText('Error code: internal')).toBeDefined();
  isDown = false;
  await user.click(screen.getByRole('button', { name: 'Try again' }));
  expect(await screen.findByRole('link', { name: 'Gold master' })).toBeDefined();
});

test('a new account shows its key once', async () => {
  const create = vi.fn<Answer>(() => ({ ...anAccount({ name: 'Second' }), api_key: KEY }));
  serve({ 'POST /api/v1/accounts': create });
  const { user } = await open('/accounts');

  await user.click(
    (await screen.findAllByRole('button', { name: 'New account' }))[0] ?? document.body,
  );
  const form = await screen.findByRole('dialog', { name: 'New account' });
  await user.type(within(form).getByLabelText('Name'), 'Second');
  await user.click(within(form).getByRole('radio', { name: 'Follower' }));
  await user.click(within(form).getByRole('button', { name: 'Create account' }));

  const shown = await screen.findByRole('dialog', { name: 'Second is ready to connect' });
  expect(within(shown).getByText(KEY)).toBeDefined();
  expect(create.mock.calls[0]?.[0].body).toEqual({
    name: 'Second',
    copy_role: 'follower',
    platform: 'mt5',
    currency: 'USD',
  });

  await user.keyboard('{Escape}');
  expect(screen.getByText(KEY)).toBeDefined();
  await user.click(within(shown).getByRole('button', { name: 'I have copied the key' }));
  expect(screen.queryByText(KEY)).toBeNull();
});

test('a form that was cancelled and opened again makes another account', async () => {
  const keys: (string | null)[] = [];
  serve({
    'POST /api/v1/accounts': ({ headers }) => {
      keys.push(headers.get('Idempotency-Key'));
      throw new TypeError('failed to fetch');
    },
  });
  const { user } = await open('/accounts');

  for (let attempt = 0; attempt < 2; attempt++) {
    await user.click(
      (await screen.findAllByRole('button', { name: 'New account' }))[0] ?? document.body,
    );
    const form = within(await screen.findByRole('dialog', { name: 'New account' }));
    await user.type(form.getByLabelText('Name'), 'Second');
    await user.click(form.getByRole('button', { name: 'Create account' }));
    expect(await form.findByRole('alert')).toBeDefined();
    await user.click(form.getByRole('button', { name: 'Create account' }));
    await vi.waitFor(() => expect(keys).toHaveLength(2 * (attempt + 1)));
    expect(await form.findByRole('alert')).toBeDefined();
    await user.click(form.getByRole('button', { name: 'Cancel' }));
    await vi.waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  }
  expect(keys[0]).toBeTruthy();
  expect([keys[1], keys[3]]).toEqual([keys[0], keys[2]]);
  expect(keys[2]).not.toBe(keys[0]);
});

/** Begins a follower with a preset, and says what the form showed. */
async function createWithPreset(name: string, preset: string) {
  const { user } = await open('/accounts');
  await user.click(
    (await screen.findAllByRole('button', { name: 'New account' }))[0] ?? document.body,
  );
  const form = await screen.findByRole('dialog', { name: 'New account' });
  await user.type(within(form).getByLabelText('Name'), name);
  await user.selectOptions(within(form).getByLabelText('Begin with'), preset);
  expect(within(form).getByText('Only followers copy')).toBeDefined();
  await user.click(within(form).getByRole('radio', { name: 'Follower' }));
  const facts = [...form.querySelectorAll('dl > div')].map(({ textContent }) => textContent);
  await user.click(within(form).getByRole('button', { name: 'Create account' }));
  return { user, facts };
}

const FUND = { ...anAccount({ id: 'fund', name: 'Fund', copy_role: 'follower' }), api_key: KEY };

test('a preset sets balance, rules and size of copies, and says all of it before saving', async () => {
  const create = vi.fn<Answer>(() => FUND);
  const begin = vi.fn<Answer>(() => ({ version: 1 }));
  serve({ 'POST /api/v1/accounts': create, 'POST /api/v1/accounts/fund/phases': begin });
  const { facts } = await createWithPreset('Fund', 'Conservative-250K');

  expect(facts.map((fact) => fact?.replaceAll('\u00a0', ' '))).toEqual([
    'Starting balance250,000.00 USD',
    'Profile250K, conservative',
    'Open positions2 at a time',
    'Risk per trade0.50% · 1,250.00 USD',
    'Daily loss1.25% · 3,125.00 USD',
    'Total loss3.75% · 9,375.00 USD',
    'A day begins00:00 UTC',
    'Size of a copy0.25% of the equity lost if the stop is hit',
  ]);
  await screen.findByRole('dialog', { name: 'Fund is ready to connect' });
  expect(create.mock.calls[0]?.[0].body).toMatchObject({
    starting_balance: '250000',
    capital_level: '250K',
    risk_tolerance: 'conservative',
    default_sizing: { mode: 'risk_percent', value: '0.0025' },
  });
  const limit = (value: string) => ({ type: 'percent', value, of: 'initial' });
  expect(begin.mock.calls[0]?.[0].body).toMatchObject({
    starting_balance: '250000',
    currency: 'USD',
    rules: [
      { kind: 'max_open_positions', severity: 'soft', cap: '2' },
      { kind: 'max_risk_per_trade', severity: 'soft', limit: limit('0.5') },
      { kind: 'max_daily_loss', severity: 'soft', limit: limit('1.25'), reference: 'max' },
      { kind: 'max_total_loss', severity: 'hard', limit: limit('3.75') },
    ],
  });
});

test('rules that could not be written are told, tried again, and cost no account', async () => {
  let isDown = true;
  const begin = vi.fn<Answer>(() => (isDown ? refuse(503, 'busy') : { version: 1 }));
  const create = vi.fn<Answer>(() => FUND);
  serve({ 'POST /api/v1/accounts': create, 'POST /api/v1/accounts/fund/phases': begin });
  const { user } = await createWithPreset('Fund', 'Aggressive-25K');

  const told = within(
    await screen.findByRole('dialog', { name: 'Fund was created without its rules' }),
  );
  expect(told.getByRole('alert')).toBeDefined();
  await user.click(told.getByRole('button', { name: 'Try again' }));
  await vi.waitFor(() => expect(begin).toHaveBeenCalledTimes(2));
  expect(await told.findByRole('alert')).toBeDefined();
  isDown = false;
  await user.click(told.getByRole('button', { name: 'Try again' }));

  const shown = await screen.findByRole('dialog', { name: 'Fund is ready to connect' });
  expect(within(shown).getByText(KEY)).toBeDefined();
  expect([create.mock.calls.length, begin.mock.calls.length]).toEqual([1, 3]);
});

test('who goes on without rules still sees the key', async () => {
  serve({
    'POST /api/v1/accounts': () => FUND,
    'POST /api/v1/accounts/fund/phases': () => refuse(503, 'busy'),
  });
  const { user } = await createWithPreset('Fund', 'Optimal-100K');
  await user.click(await screen.findByRole('button', { name: 'Go on without rules' }));
  expect(await screen.findByText(KEY)).toBeDefined();
});

test('an account with open copies is not archived, and the reason is said', async () => {
  serve({
    'GET /api/v1/accounts': () => pageOf(anAccount()),
    'DELETE /api/v1/accounts/account-1': () => refuse(409, 'open_copies'),
  });
  const { user } = await open('/accounts');

  await user.click(await screen.findByRole('button', { name: 'Options for Gold master' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Archive' }));
  const dialog = await screen.findByRole('dialog', { name: 'Archive Gold master?' });
  expect(dialog.textContent).toContain('Its followers receive nothing more');
  await user.click(within(dialog).getByRole('button', { name: 'Archive account' }));

  expect((await within(dialog).findByRole('alert')).textContent).toContain('still open');
});

test('no key is offered for an account that no terminal speaks for', async () => {
  serve({
    'GET /api/v1/accounts': () =>
      pageOf(anAccount(), anAccount({ id: 'account-2', name: 'Pretend', platform: 'paper' })),
  });
  const { user } = await open('/accounts');

  await user.click(await screen.findByRole('button', { name: 'Options for Pretend' }));
  expect(await screen.findByRole('menuitem', { name: 'Archive' })).toBeDefined();
  expect(screen.getAllByRole('menuitem')).toHaveLength(2);
});

test('a follower is given the size that it is offered from then on', async () => {
  const patch = vi.fn<Answer>(() => refuse(503, 'busy'));
  const follower = anAccount({
    name: 'Fund',
    copy_role: 'follower',
    default_sizing: { mode: 'risk_percent', value: '0.0025' },
  });
  serve({
    'GET /api/v1/accounts': () => pageOf(follower, anAccount({ id: 'account-2' })),
    'PATCH /api/v1/accounts/account-1': patch,
  });
  const { user } = await open('/accounts');

  await user.click(await screen.findByRole('button', { name: 'Options for Gold master' }));
  expect(await screen.findByRole('menuitem', { name: 'Rename' })).toBeDefined();
  expect(screen.queryByRole('menuitem', { name: 'Size of copies' })).toBeNull();
  await user.keyboard('{Escape}');
  await user.click(await screen.findByRole('button', { name: 'Options for Fund' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Size of copies' }));
  const dialog = within(await screen.findByRole('dialog', { name: 'Size of copies of Fund' }));
  const risk = dialog.getByLabelText<HTMLInputElement>('Risk per trade, %');
  expect(risk.value).toBe('0.25');
  await user.clear(risk);
  await user.click(dialog.getByRole('button', { name: 'Save' }));
  expect(patch).not.toHaveBeenCalled();
  await user.type(risk, '0.5');
  await user.click(dialog.getByRole('button', { name: 'Save' }));
  expect(await dialog.findByRole('alert')).toBeDefined();

  // A size may be set anew although it was set so before: each press is one of its own.
  await user.click(dialog.getByRole('button', { name: 'Save' }));
  await vi.waitFor(() => expect(patch).toHaveBeenCalledTimes(2));
  const [first, second] = patch.mock.calls.map(([{ headers }]) => headers.get('Idempotency-Key'));
  expect(first).toBeTruthy();
  expect(second).not.toBe(first);

  patch.mockReturnValue(follower);
  await user.selectOptions(dialog.getByLabelText('How large is a copy?'), 'same');
  await user.click(dialog.getByRole('button', { name: 'Save' }));
  await vi.waitFor(() =>
    expect(screen.queryByRole('dialog', { name: 'Size of copies of Fund' })).toBeNull(),
  );
  expect(patch.mock.calls.map(([{ body }]) => body)).toEqual([
    { default_sizing: { mode: 'risk_percent', value: '0.005' } },
    { default_sizing: { mode: 'risk_percent', value: '0.005' } },
    { default_sizing: null },
  ]);
});

test('switching off asks first, switching on does not', async () => {
  const patch = vi.fn<Answer>(() => anAccount());
  let isDown = true;
  serve({
    'GET /api/v1/accounts': () =>
      pageOf(anAccount(), anAccount({ id: 'b', name: 'Idle', is_active: false })),
    'PATCH /api/v1/accounts/b': (request) => (isDown ? refuse(503, 'busy') : patch(request)),
    'PATCH /api/v1/accounts/account-1': patch,
  });
  const { user } = await open('/accounts');

  const idle = await screen.findByRole('switch', { name: 'Idle is active' });
  await user.click(idle);
  const row = within(idle.closest('tr') ?? document.body);
  expect(await row.findByRole('alert')).toBeDefined();
  isDown = false;
  await user.click(idle);
  await vi.waitFor(() => expect(patch.mock.calls[0]?.[0].body).toEqual({ is_active: true }));

  await user.click(screen.getByRole('switch', { name: 'Gold master is active' }));
  expect(patch).toHaveBeenCalledTimes(1);
  await user.click(await screen.findByRole('button', { name: 'Switch off' }));
  await vi.waitFor(() => expect(patch.mock.calls[1]?.[0].body).toEqual({ is_active: false }));
});
