use std::time::Duration;

use flotilla_domain::copy::order::CopyState::{
    self, Attention, Closed, Closing, Failed, Open, Skipped, Unconfirmed,
};
use flotilla_domain::id::AccountId;
use flotilla_store::copies::{self, CopiesOf, CopyFilter};
use flotilla_store::{Db, Tx};
use flotilla_testkit::db::TestDb;
use tokio_postgres::Client;
use uuid::Uuid;

use crate::tenants::{Tenants, own, owner};

const COPIES: i32 = 30_000;
const FOLLOWERS: i32 = 30;
/// Of so many copies of the owner one was skipped and one is open, both of the follower that is asked for.
const RARE: i32 = 3_000;

#[tokio::test(flavor = "multi_thread")]
async fn lists_of_copies_are_found_through_indexes() {
    let tenants = Tenants::new().await;
    let follower = Uuid::now_v7();
    fill(&tenants.db, tenants.ada, follower).await;
    let admin = tenants.db.admin().await;
    let before = usage(&admin).await;

    let missed = listed(&tenants, follower, vec![Skipped, Failed]).await;
    let doubtful = listed(&tenants, follower, vec![Attention, Unconfirmed]).await;
    let present = listed(&tenants, follower, vec![Open, Closing]).await;
    let ended = listed(&tenants, follower, vec![Closed]).await;

    assert_eq!((missed, doubtful, present, ended), (10, 0, 10, 50));
    // Counts of use are reported when a session ends, after the test has moved on.
    let mut after = usage(&admin).await;
    while after.1 == before.1 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        after = usage(&admin).await;
    }
    assert_eq!(after.0, before.0, "the whole table was read");
}

/// Rows of the first page, over a connection that then ends.
async fn listed(tenants: &Tenants, follower: Uuid, states: Vec<CopyState>) -> usize {
    let db = Db::connect(&tenants.db.app_url, 1).unwrap();
    let ada = owner(tenants.ada);
    let of = Some(CopiesOf::Follower(AccountId::from_uuid(follower)));
    let filter = CopyFilter { of, states, ..CopyFilter::default() };
    db.read(own(tenants.ada), async move |tx: &mut Tx| copies::list(tx, ada, filter, 50).await)
        .await
        .unwrap()
        .len()
}

async fn fill(db: &TestDb, owner: Uuid, follower: Uuid) {
    let sql = format!(
        "insert into copy_orders (signal_id, owner_id, master_account_id, follower_account_id, state, symbol, side,
            master_ticket, master_lots, master_price, desired_lots, expires_at, claim_epoch, claimed_at)
         select uuid_v7(), '{owner}', '{owner}',
            case n % {FOLLOWERS} when 0 then '{follower}' else md5((n % {FOLLOWERS})::text)::uuid end,
            case n % {RARE} when 0 then 'skipped' when {FOLLOWERS} then 'open' else 'closed' end,
            'XAUUSD', 'BUY', n, 0.2, 2030.5, 0.1, now(), 1, now()
         from generate_series(1, {COPIES}) n;
         analyze copy_orders"
    );
    db.admin().await.batch_execute(&sql).await.unwrap();
}

/// Reads of the whole table, and uses of the index for what is exceptional.
async fn usage(admin: &Client) -> (i64, i64) {
    let sql = "select t.seq_scan, i.idx_scan
        from pg_stat_user_tables t join pg_stat_user_indexes i using (relid)
        where i.indexrelname = 'copy_orders_exceptional'";
    let row = admin.query_one(sql, &[]).await.unwrap();
    (row.get(0), row.get(1))
}
