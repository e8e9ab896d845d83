import { passesOfNewcomers } from '../conformance/newcomer.ts';
import { makeAll, type Owned } from '../conformance/owned.ts';
import { ask, type Pass, program } from '../conformance/schemathesis.ts';
import { expect, test } from '../fixtures.ts';
import { signUp, type User } from '../steps.ts';

/** They end what asks, or whoever asks; those who are thrown away ask them. */
const ENDING = [
  'logout',
  'erase_me',
  'change_password',
  'change_email',
  'end_session',
  'refresh_session',
  'reset_password',
];
/** A WebSocket. */
const STREAM = 'open_stream';

test('whatever is asked, the API answers as its document says', async ({
  page,
  world,
  terminals,
}) => {
  test.skip(!program, 'scripts/conformance runs it');
  test.setTimeout(7_200_000);
  const user = await signUp(page);
  const owned = await makeAll(page, user, world, terminals);

  const results: Record<string, number | null> = {};
  for (const pass of passes(owned, user)) results[pass.name] = await ask(world.origin, pass);
  // Not before: a token is good for ten minutes.
  for (const pass of await passesOfNewcomers(world)) {
    results[pass.name] = await ask(world.origin, pass);
  }

  const failed = Object.entries(results).filter(([, code]) => code !== 0);
  expect(failed, 'the reports above name what does not agree').toEqual([]);
});

function passes(owned: Owned, { email, password }: User): Pass[] {
  const chosen = [...ENDING, STREAM].flatMap((name) => ['--exclude-operation-id', name]);
  const asked = { login: { email, password }, chosen };
  const rows = { values: values(owned, password), of: special(owned, { email, password }) };
  const named = [...chosen, '--include-path-regex', '[{]'];
  return [
    { name: 'of rows that are there', ...asked, ...rows, keeps: true },
    { name: 'of rows that are not', ...asked, chosen: named, phases: 'coverage,fuzzing' },
    // Last: each takes away what the others need.
    {
      name: 'to take away what is there',
      ...asked,
      ...rows,
      chosen: [...chosen, '--include-method', 'DELETE'],
    },
  ];
}

function values(owned: Owned, password: string): Record<string, string> {
  return {
    'path.account_id': owned.follower.id,
    'path.subscription_id': owned.subscription,
    'path.override_id': owned.floor,
    'path.violation_id': owned.violation,
    'path.slug': owned.slug,
    'path.copy_id': owned.copy,
    'path.alert_id': owned.alert,
    'path.group_id': owned.group,
    'path.trade_id': owned.trade,
    'path.screenshot_id': owned.screenshot,
    'path.key_id': owned.key,
    'path.share_id': owned.share,
    'path.token': owned.shareToken,
    'path.operation_id': owned.stop,
    'path.symbol': owned.contract.symbol,
    'path.currency': 'EUR',
    'path.base_currency': 'USD',
    'path.day': owned.day,
    'body.password': password,
  };
}

/** Where it must be another account, or the body or query names one. */
function special(
  owned: Owned,
  login: { email: string; password: string },
): NonNullable<Pass['of']> {
  const of = ({ id }: { id: string }) => ({ 'path.account_id': id });
  const leaving = { ...of(owned.master), 'path.subscription_id': owned.leaving };
  const coins = of(owned.coins);
  return {
    list_followers: of(owned.master),
    list_signals: of(owned.master),
    dry_run: of(owned.master),
    approve_follower: leaving,
    remove_follower: leaving,
    get_exchange_key: coins,
    put_exchange_key: coins,
    patch_exchange_key: coins,
    verify_exchange_key: coins,
    remove_exchange_key: coins,
    list_contracts: coins,
    list_account_positions: coins,
    archive_account: of(owned.spare),
    remove_group_account: of(owned.journal),
    delete_group: { 'path.group_id': owned.empty },
    delete_trade: { 'path.trade_id': owned.loose[0] },
    delete_trades: { 'body.ids': [owned.loose[1]] },
    get_market: { 'query.environment': owned.contract.environment },
    compare_accounts: { 'query.account_id': [owned.follower.id, owned.journal.id] },
    import_trades: { 'query.account_id': owned.journal.id, 'query.preset': 'topstepx' },
    create_trade: { 'body.account_id': owned.journal.id },
    tag_trades: { 'body.ids': [owned.trade] },
    add_group_account: { 'body.account_id': owned.spare.id },
    follow_master: { 'body.master_token': owned.masterToken },
    preview_subscription: { 'body.master_token': owned.masterToken },
    login: { 'body.email': login.email, 'body.password': login.password },
    // Else everybody who signs up would have the password of who asks.
    register: { 'body.password': 'nine small boats at noon' },
  };
}
