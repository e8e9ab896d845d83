//! What is generated from the database, and what the database repeats from the domain.

use std::collections::BTreeSet;
use std::path::Path;

use flotilla_domain::copy::order::CopyState;
use flotilla_testkit::db::TestDb;

/// Run with `FLOTILLA_BLESS=1` after a migration to rewrite the file.
#[tokio::test(flavor = "multi_thread")]
async fn schema_is_current() {
    let db = TestDb::new().await;
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/schema.rs");

    let generated: String = db.admin().await.query_one(include_str!("schema.sql"), &[]).await.unwrap().get(0);

    if std::env::var_os("FLOTILLA_BLESS").is_some() {
        std::fs::write(&file, &generated).unwrap();
    }
    let stored = std::fs::read_to_string(&file).unwrap();
    assert!(stored == generated, "src/schema.rs is not current; run this test with FLOTILLA_BLESS=1");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_database_knows_exactly_the_edges_of_the_domain() {
    let db = TestDb::new().await;
    let client = db.admin().await;
    client.batch_execute(INSERT_ONE).await.unwrap();

    let mut allowed = BTreeSet::new();
    for &from in CopyState::ALL {
        for &to in CopyState::ALL.iter().filter(|&&to| to != from) {
            client
                .batch_execute("begin; alter table copy_orders disable trigger copy_orders_edge")
                .await
                .unwrap();
            client.execute(SET_STATE, &[&from.as_str()]).await.unwrap();
            client.batch_execute("alter table copy_orders enable trigger copy_orders_edge").await.unwrap();
            if client.execute(SET_STATE, &[&to.as_str()]).await.is_ok() {
                allowed.insert((from, to));
            }
            client.batch_execute("rollback").await.unwrap();
        }
    }

    let edges: BTreeSet<_> = CopyState::ALL
        .iter()
        .flat_map(|&from| CopyState::ALL.iter().map(move |&to| (from, to)))
        .filter(|(from, to)| from != to && from.may_become(*to))
        .collect();
    assert_eq!(allowed, edges);
}

/// A planned copy has no claim; every other state may have one.
const SET_STATE: &str = "
    update copy_orders set state = $1,
        claim_epoch = case when $1 = 'planned' then null else 1 end,
        claimed_at = case when $1 = 'planned' then null else now() end";

const INSERT_ONE: &str = "
    insert into copy_orders (signal_id, owner_id, follower_account_id, master_account_id, state, symbol, side,
        master_ticket, master_lots, master_price, desired_lots, expires_at, claim_epoch, claimed_at)
    values (uuid_v7(), uuid_v7(), uuid_v7(), uuid_v7(), 'skipped', 'XAUUSD', 'BUY', 1, 1, 1, 1, now(), null, null)";
