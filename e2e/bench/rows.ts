import type { NewAccount } from '../api.ts';
import type { Database } from '../world/database.ts';

/** So many closed trades of an account, two minutes apart; the newest ended a moment ago and is called S1. */
export async function fill(database: Database, { id }: NewAccount, count: number): Promise<void> {
  await database.query(
    `insert into trades (owner_id, account_id, source, symbol, direction, quantity, entry_price, exit_price,
       entry_at, exit_at, pnl, pnl_source, status)
     select owner_id, id, 'import', 'S' || n, case when n % 3 = 0 then 'SHORT' else 'LONG' end, 1, 100, 100 + n % 11 - 4,
       now() - n * interval '2 minutes', now() - (n - 1) * interval '2 minutes', n % 11 - 4, 'computed', 'closed'
     from accounts cross join generate_series(1, $2::integer) n where id = $1`,
    [id, count],
  );
  await database.query('vacuum analyze trades');
}
