import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Api, addAccount, addGroup, addTrade, beginRules } from '../api.ts';
import { expect, test } from '../fixtures.ts';
import { signUp } from '../steps.ts';

/** The program of schemathesis; `scripts/conformance` installs it and names it. */
const program = process.env.FLOTILLA_SCHEMATHESIS;
const examples = process.env.EXAMPLES ?? '30';
const seed = process.env.SEED ?? '1';

/** They end what asks: the session, the user, or nothing at all. */
const EXCLUDED = [
  'logout',
  'erase_me',
  'change_password',
  'change_email',
  'end_session',
  'refresh_session',
  'reset_password',
  'open_stream',
];

test('whatever is asked, the API answers as its document says', async ({ page, world }) => {
  test.skip(!program, 'scripts/conformance runs it');
  test.setTimeout(3_600_000);
  await signUp(page);
  const api = await Api.of(page);
  const master = await addAccount(api, 'Gold', 'master', { currency: 'USD' });
  const follower = await addAccount(api, 'Silver', 'follower', { currency: 'USD' });
  const journal = await addAccount(api, 'Paper', 'none', { platform: 'other', currency: 'USD' });
  const bought = { asset_type: 'stock', quantity: '10', entry_price: '150', symbol: 'AAPL' };
  await addTrade(api, journal, { ...bought, entry_at: '2026-11-02T10:00:00Z' });
  await beginRules(api, follower);
  const group = (await addGroup(api, 'Funded', [follower, journal])).split('/').at(-1) ?? '';
  const trades = await api.call<{ items: { id: string }[] }>('GET', '/trades');

  const folder = await mkdtemp(join(tmpdir(), 'flotilla-conformance-'));
  const known = {
    account_id: [master.id, follower.id, journal.id],
    group_id: [group],
    trade_id: trades.items.map(({ id }) => id),
  };
  await writeFile(join(folder, 'schemathesis.toml'), settings(known));
  const result = await schemathesis(program ?? '', folder, [
    ...[`${world.origin}/api/openapi.json`, '--url', world.origin],
    ...['--header', `Authorization: ${api.authorization}`],
  ]);
  await rm(folder, { recursive: true, force: true });
  expect(result, 'the report above names what does not agree').toBe(0);
});

/** Rows that are there, so that not every answer says that nothing was found; but not for what takes them away. */
function settings(known: Record<string, string[]>): string {
  const values = Object.entries(known).map(
    ([name, ids]) => `"path.${name}" = ${JSON.stringify(ids)}`,
  );
  return `[[operations]]
exclude-method = "DELETE"
parameters = { ${values.join(', ')} }
`;
}

function schemathesis(command: string, cwd: string, target: string[]): Promise<number | null> {
  const checks =
    'not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance';
  const args = [
    ...['run', ...target, '--checks', checks, '--seed', seed, '--max-examples', examples],
    ...[
      '--phases',
      'examples,coverage,fuzzing',
      '--request-timeout',
      '30',
      '--continue-on-failure',
    ],
    ...EXCLUDED.flatMap((name) => ['--exclude-operation-id', name]),
  ];
  return new Promise((resolve, reject) => {
    const running = spawn(command, args, { cwd, stdio: 'inherit' });
    running.on('error', reject);
    running.on('exit', resolve);
  });
}
