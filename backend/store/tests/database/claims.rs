//! Who may claim: only the worker that holds a follower's present session, and each copy once.

use flotilla_domain::id::{AccountId, NodeId};
use flotilla_domain::ticket::Ticket;
use flotilla_store::copy_orders::claim::{Closes, Opens, claim_closes, claim_opens};
use flotilla_store::copy_orders::flatten::{Flattened, list_flat};
use flotilla_store::{Db, StoreError, Tx};
use flotilla_testkit::db::TestDb;
use uuid::Uuid;

const NOW_HERE: Uuid = Uuid::from_u128(0xa);
const BEFORE: Uuid = Uuid::from_u128(0xb);

/// A follower connected to one node, with an open that is planned and a position that shall be closed.
const ROWS: &str = "
    insert into users (id, email, name, password_hash)
        values ('00000000-0000-0000-0000-000000000001', 'ada@example.com', 'Ada', '');
    insert into accounts (id, owner_id, name, platform, copy_role) values
        ('00000000-0000-0000-0000-000000000002', '00000000-0000-0000-0000-000000000001', 'f', 'mt5', 'follower'),
        ('00000000-0000-0000-0000-000000000004', '00000000-0000-0000-0000-000000000001', 'm', 'mt5', 'master');
    insert into subscriptions (owner_id, follower_account_id, master_account_id, master_name, source, state)
        values ('00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-000000000002',
            '00000000-0000-0000-0000-000000000004', 'm', 'web', 'active');
    insert into sessions (account_id, owner_id, epoch, node_id, connected_at)
        values ('00000000-0000-0000-0000-000000000002', '00000000-0000-0000-0000-000000000001', 7,
            '00000000-0000-0000-0000-00000000000a', now() - interval '1 minute');
    insert into copy_orders (copy_id, signal_id, owner_id, follower_account_id, master_account_id, state, symbol, side,
        master_ticket, master_lots, master_price, desired_lots, venue_ref, close_due_at, expires_at)
    select ('00000000-0000-0000-0000-00000000001' || ticket)::uuid, uuid_v7(),
        '00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-000000000002',
        '00000000-0000-0000-0000-000000000004', state, 'XAUUSD', 'BUY', ticket, 0.1, 2030, desired, ref, now(),
        now() + interval '1 hour'
    from (values ('planned', 1, 0.1, null), ('open', 2, 0, '52')) as v (state, ticket, desired, ref);";

async fn claimed(db: &Db, node: Uuid) -> (usize, usize) {
    db.open(async |tx: &mut Tx| {
        let node = NodeId::from_uuid(node);
        let opens = claim_opens(tx, node, Opens::Waiting, 10).await?;
        let closes = claim_closes(tx, node, Closes::Due, &[60]).await?;
        assert!(opens.iter().all(|open| open.epoch == 7));
        Ok::<_, StoreError>((opens.len(), closes.len()))
    })
    .await
    .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_slept_through_a_takeover_claims_nothing_and_the_present_one_claims_once() {
    let database = TestDb::new().await;
    database.admin().await.batch_execute(ROWS).await.unwrap();
    let db = Db::connect(&database.worker_url, 2).unwrap();

    assert_eq!(claimed(&db, BEFORE).await, (0, 0));
    assert_eq!(claimed(&db, NOW_HERE).await, (1, 1));
    assert_eq!(claimed(&db, NOW_HERE).await, (0, 0));
}

/// What people and guards may do while an open waits, and what takes it back.
const HOLDING: [(&str, &str); 5] = [
    ("update subscriptions set state = 'paused'", "update subscriptions set state = 'active'"),
    ("update subscriptions set state = 'close_only'", "update subscriptions set state = 'active'"),
    (
        "update subscriptions set state = 'ended', ended_at = now(), ended_by = 'web'",
        "update subscriptions set state = 'active', ended_at = null, ended_by = null",
    ),
    ("insert into stops (owner_id, actor_id) select id, id from users", "delete from stops"),
    (
        "insert into guards (owner_id, account_id, status, action)
            select owner_id, id, 'critical', 'stop_new' from accounts where name = 'f'",
        "delete from guards",
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn an_open_that_waits_is_not_claimed_while_its_follower_is_held_back_and_closes_are() {
    let database = TestDb::new().await;
    let sql = database.admin().await;
    sql.batch_execute(ROWS).await.unwrap();
    let db = Db::connect(&database.worker_url, 2).unwrap();

    for (place, (holds, takes_back)) in HOLDING.into_iter().enumerate() {
        sql.batch_execute(holds).await.unwrap();
        assert_eq!(claimed(&db, NOW_HERE).await, (0, usize::from(place == 0)), "{holds}");
        sql.batch_execute(takes_back).await.unwrap();
    }
    sql.batch_execute("update subscriptions set state = 'paused'").await.unwrap();
    let planned = [Uuid::from_u128(0x11)];
    let of_a_signal = async |tx: &mut Tx| {
        let opens = claim_opens(tx, NodeId::from_uuid(NOW_HERE), Opens::Copies(&planned), 10).await?;
        Ok::<_, StoreError>(opens.len())
    };
    assert_eq!(db.open(of_a_signal).await.unwrap(), 0, "paused between two chunks of a signal");
    sql.batch_execute("update subscriptions set state = 'active'").await.unwrap();

    assert_eq!(claimed(&db, NOW_HERE).await, (1, 0));
}

/// What a master left, kept by a commit whose outcome was unknown.
const EXIT: &str = "
    insert into signals (id, owner_id, master_account_id, ticket, kind, part, symbol, side, lots, price, line_hash,
        session_epoch)
    values ('00000000-0000-0000-0000-000000000003', '00000000-0000-0000-0000-000000000001',
        '00000000-0000-0000-0000-000000000004', 2, 'open', 0, 'XAUUSD', 'BUY', 0.1, 2030, '', 1);
    update copy_orders set
        signal_id = '00000000-0000-0000-0000-000000000003',
        master_account_id = '00000000-0000-0000-0000-000000000004'
    where venue_ref = '52';
    update copy_orders set state = 'closing' where venue_ref = '52';";

#[tokio::test(flavor = "multi_thread")]
async fn closes_of_an_exit_whose_commit_got_no_answer_are_found_again() {
    let database = TestDb::new().await;
    let sql = database.admin().await;
    sql.batch_execute(ROWS).await.unwrap();
    sql.batch_execute(EXIT).await.unwrap();
    let db = Db::connect(&database.worker_url, 2).unwrap();
    let (master, ticket) = (AccountId::from_uuid(Uuid::from_u128(4)), Ticket::new(2).unwrap());

    let left = async |node| {
        db.open(async |tx: &mut Tx| list_flat(tx, NodeId::from_uuid(node), master, ticket).await)
            .await
            .unwrap()
    };
    let (here, elsewhere) = (left(NOW_HERE).await, left(BEFORE).await);

    let closes = |copies: &[Flattened]| -> Vec<_> {
        copies
            .iter()
            .map(|copy| (copy.master_id, copy.close.as_ref().map(|close| close.follower_ticket)))
            .collect()
    };
    assert_eq!(closes(&here), [(master, Some(Ticket::new(52).unwrap()))]);
    assert_eq!(closes(&elsewhere), [(master, None)]);
}
