//! Whoever asked is erased to the last row but the audit trail, and nobody else loses one.

use flotilla_domain::id::UserId;
use flotilla_store::erasures::{self, Erasing};
use flotilla_store::{Db, StoreResult, Tx};
use tokio_postgres::Client;
use uuid::Uuid;

use crate::tenants::{Tenants, session};

/// A row of each table that refers to nobody, and some that refer to the user.
async fn fill(admin: &Client, owner: Uuid) {
    let account: String = admin
        .query_one("select id::text from accounts where owner_id = $1::text::uuid", &[&owner.to_string()])
        .await
        .unwrap()
        .get(0);
    let sql = format!(
        "insert into trades (owner_id, account_id, source, symbol, direction, quantity, entry_at, exit_at, pnl, status, tags)
         values ('{owner}', '{account}', 'manual', 'X', 'LONG', 1, now(), now(), 1, 'closed', array['t']),
            ('{owner}', '{account}', 'ea', 'X', 'LONG', 1, now(), now(), 1, 'closed', '{{}}');
         insert into executions (owner_id, trade_id, side, quantity, at)
         select owner_id, id, 'BUY', 1, now() from trades where owner_id = '{owner}';
         insert into signals (owner_id, master_account_id, ticket, kind, part, symbol, side, lots, price, line_hash, session_epoch)
         values ('{owner}', '{account}', 7, 'open', 0, 'X', 'BUY', 1, 1, '\\x00', 1);
         insert into copy_orders (signal_id, owner_id, master_account_id, follower_account_id, state, symbol, side,
            master_ticket, master_lots, master_price, desired_lots, open_lots, expires_at, claim_epoch, claimed_at)
         select id, owner_id, uuid_v7(), master_account_id, 'closed', 'X', 'BUY', 7, 1, 1, 0, 0, now(), 1, now()
         from signals where owner_id = '{owner}';
         insert into copy_events (owner_id, copy_id, from_state, to_state, cause)
         select owner_id, copy_id, 'open', 'closed', 'ack_close' from copy_orders where owner_id = '{owner}';
         insert into copy_sightings (copy_id, owner_id) select copy_id, owner_id from copy_orders where owner_id = '{owner}';
         insert into evidence (owner_id, account_id, session_epoch, line) values ('{owner}', '{account}', 1, 'x');
         insert into snapshots (owner_id, account_id, session_epoch, tickets) values ('{owner}', '{account}', 1, '{{7}}');
         insert into orphans (account_id, ticket, owner_id, source) values ('{account}', 9, '{owner}', 'list');
         insert into alerts (owner_id, kind, severity, dedupe_key) values ('{owner}', 'stop_out', 'critical', 'x');
         insert into risk_observations (account_id, owner_id, at, slot, figures)
         select '{account}'::uuid, '{owner}'::uuid, at, mod(extract(month from at at time zone 'UTC')::integer, 4), '{{}}'::jsonb
         from (values (now()), (now() - interval '7 hours')) t (at);
         insert into stops (owner_id, actor_id) values ('{owner}', '{owner}');
         insert into devices (owner_id, kind) values ('{owner}', 'Firefox')"
    );
    admin.batch_execute(&sql).await.unwrap();
}

/// Every table with rows of an owner, and how many.
async fn rows_of(admin: &Client, owner: Uuid) -> Vec<(String, i64)> {
    let tables = "select c.relname::text from pg_class c join pg_attribute a on a.attrelid = c.oid
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and a.attname = 'owner_id'
        order by 1";
    let mut found = Vec::new();
    for row in admin.query(tables, &[]).await.unwrap() {
        let table: String = row.get(0);
        let count = format!("select count(*) from {table} where owner_id = '{owner}'");
        let rows: i64 = admin.query_one(&count, &[]).await.unwrap().get(0);
        if rows > 0 {
            found.push((table, rows));
        }
    }
    found
}

async fn erase(worker: &Db) -> Option<Erasing> {
    let piece: StoreResult<_> = worker.open(async |tx: &mut Tx| erasures::erase_next(tx, 1).await).await;
    piece.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn n98_whoever_asked_is_erased_and_nobody_else_loses_a_row() {
    let tenants = Tenants::new().await;
    let admin = tenants.db.admin().await;
    let worker = Db::connect_worker(&tenants.db.worker_url, 1).unwrap();
    for owner in [tenants.ada, tenants.eve] {
        fill(&admin, owner).await;
    }
    let eves = rows_of(&admin, tenants.eve).await;
    let client = session(&tenants.db.worker_url).await;

    // Nobody asked: a worker deletes no history.
    for table in ["trades", "copy_orders", "copy_events", "evidence", "signals", "users"] {
        assert_eq!(client.execute(&format!("delete from {table}"), &[]).await.unwrap(), 0, "{table}");
    }
    let ask = format!("insert into erasures (user_id) values ('{}')", tenants.ada);
    admin.batch_execute(&ask).await.unwrap();
    assert_eq!(erase(&worker).await, None, "it has just been asked for");
    admin.batch_execute("update erasures set asked_at = now() - interval '2 minutes'").await.unwrap();
    admin.batch_execute("update copy_orders set state = 'open'").await.unwrap();
    assert_eq!(erase(&worker).await, None, "a copy is open");
    admin.batch_execute("update copy_orders set state = 'closed'").await.unwrap();

    let user = UserId::from_uuid(tenants.ada);
    let mut pieces = 0;
    while erase(&worker).await == Some(Erasing { user, is_done: false }) {
        pieces += 1;
        assert!(pieces < 100, "it does not end");
    }

    assert!(pieces > 10, "{pieces}: a piece at a time");
    assert_eq!(rows_of(&admin, tenants.ada).await, []);
    assert_eq!(rows_of(&admin, tenants.eve).await, eves);
    let left = "select count(*) from users";
    assert_eq!(admin.query_one(left, &[]).await.unwrap().get::<_, i64>(0), 1);
    assert_eq!(erase(&worker).await, None, "nobody else waits");
}

/// A new table refers to its owner, or is erased by name and stands here.
#[tokio::test(flavor = "multi_thread")]
async fn what_refers_to_nobody_is_erased_by_name() {
    let tenants = Tenants::new().await;
    let sql = "select c.relname::text from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'owner_id'
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
            and not exists (
                select from pg_constraint k where k.conrelid = c.oid and k.contype = 'f' and k.confdeltype = 'c')";
    let rows = tenants.db.admin().await.query(sql, &[]).await.unwrap();
    let mut alone: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    alone.sort_unstable();

    let erased = erasures::OF_NOBODY.into_iter().chain(["risk_observations"]);
    // It stays, under identifiers.
    let mut expected: Vec<&str> = erased.chain(["audit"]).collect();
    expected.sort_unstable();

    assert_eq!(alone, expected);
}
