//! Copies at exchanges: by which time they are judged, when they count as silent, and what funding they paid.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::sql_query;
use diesel_async::RunQueryDsl as _;
use flotilla_domain::id::{AccountId, CopyId, NodeId, OwnerId};
use flotilla_domain::trade::Direction;
use flotilla_domain::venue_trades::Funding;
use flotilla_store::venue_orders::exits;
use flotilla_store::venue_orders::open::lock_wanted;
use flotilla_store::{Db, StoreError, Tx, copy_orders, venue_ledger};
use flotilla_testkit::db::TestDb;
use rust_decimal::Decimal;
use tokio_postgres::Client;
use uuid::Uuid;

pub const OWNER: Uuid = Uuid::from_u128(1);
pub const FOLLOWER: Uuid = Uuid::from_u128(2);
const NODE: Uuid = Uuid::from_u128(0xa);
/// Of a long and of a short one.
pub const COPIES: [Uuid; 2] = [Uuid::from_u128(0x11), Uuid::from_u128(0x12)];

/// A follower at an exchange, its master, and two copies: one claimed a minute ago, one planned.
const ROWS: &str = "
    insert into users (id, email, name, password_hash)
        values ('00000000-0000-0000-0000-000000000001', 'ada@example.com', 'Ada', '');
    insert into accounts (id, owner_id, name, platform, copy_role, trading_enabled) values
        ('00000000-0000-0000-0000-000000000002', '00000000-0000-0000-0000-000000000001', 'f', 'bingx', 'follower', true),
        ('00000000-0000-0000-0000-000000000004', '00000000-0000-0000-0000-000000000001', 'm', 'mt5', 'master', false);
    insert into sessions (account_id, owner_id, epoch, node_id, connected_at, venue, sockets)
        values ('00000000-0000-0000-0000-000000000002', '00000000-0000-0000-0000-000000000001', 7,
            '00000000-0000-0000-0000-00000000000a', now() - interval '1 minute', 'bingx', 1);
    insert into signals (id, owner_id, master_account_id, ticket, kind, part, symbol, side, lots, price, line_hash,
        session_epoch)
    values ('00000000-0000-0000-0000-000000000003', '00000000-0000-0000-0000-000000000001',
        '00000000-0000-0000-0000-000000000004', 1, 'open', 0, 'BTCUSD', 'BUY', 0.1, 100000, '', 1);
    insert into copy_orders (copy_id, signal_id, owner_id, follower_account_id, master_account_id, state, symbol, side,
        master_ticket, master_lots, master_price, desired_lots, claim_epoch, claimed_at, expires_at)
    select id::uuid, signal::uuid, '00000000-0000-0000-0000-000000000001',
        '00000000-0000-0000-0000-000000000002', '00000000-0000-0000-0000-000000000004', state, 'BTC-USDT', 'BUY', ticket,
        0.1, 100000, 0.1, epoch, now() - age, now() + interval '1 hour'
    from (values
        ('00000000-0000-0000-0000-000000000011', uuid_v7()::text, 'claimed', 2, 7, interval '1 minute'),
        ('00000000-0000-0000-0000-000000000012', '00000000-0000-0000-0000-000000000003', 'planned', 1, null, null))
        as v (id, signal, state, ticket, epoch, age);
    insert into venue_orders (owner_id, follower_account_id, copy_id, leg, version, client_id, symbol, direction,
        quantity, units_per_lot, state, order_id, filled, epoch)
    select '00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-000000000002', id::uuid, 'open', 1, name,
        'BTC-USDT', direction, 1, 1, 'filled', name, 1, 7
    from (values
        ('00000000-0000-0000-0000-000000000011', '11', 'LONG'),
        ('00000000-0000-0000-0000-000000000012', '12', 'SHORT')) as v (id, name, direction);";

pub async fn world() -> (TestDb, Db, Client) {
    let database = TestDb::new().await;
    let admin = database.admin().await;
    admin.batch_execute(ROWS).await.unwrap();
    let db = Db::connect(&database.worker_url, 2).unwrap();
    (database, db, admin)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_that_waited_is_judged_by_the_time_it_is_then() {
    let (_database, db, admin) = world().await;
    admin.batch_execute("delete from venue_orders").await.unwrap();
    let [_, planned] = COPIES;

    let (before, after) = db
        .open(async |tx: &mut Tx| {
            let session = (NodeId::from_uuid(NODE), 7);
            let before = lock_wanted(tx, session, CopyId::from_uuid(planned)).await?.is_some();
            // It expires while the transaction, which began before, goes on.
            sql_query("update copy_orders set expires_at = clock_timestamp() where state = 'planned'")
                .execute(tx)
                .await?;
            let after = lock_wanted(tx, session, CopyId::from_uuid(planned)).await?.is_some();
            Ok::<_, StoreError>((before, after))
        })
        .await
        .unwrap();

    assert_eq!((before, after), (true, false));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_that_was_turned_away_and_waits_is_not_silent() {
    let (_database, db, admin) = world().await;
    let silent = async || {
        db.open(async |tx: &mut Tx| Ok::<_, StoreError>(copy_orders::lock_overdue(tx, 15, 10).await?.len()))
            .await
            .unwrap()
    };
    let order = async |state: &str, words: &str, due: &str| {
        let set = format!(
            "update venue_orders set state = '{state}', order_id = null, filled = 0, words = {words},
                due_at = now() + interval '{due}'"
        );
        admin.batch_execute(&set).await.unwrap();
    };

    order("intended", "'too many requests'", "30 seconds").await;
    assert_eq!(silent().await, 0, "it waits for its next sending");
    order("intended", "'too many requests'", "-1 second").await;
    assert_eq!(silent().await, 1, "whoever was to send it again is gone");
    order("intended", "null", "30 seconds").await;
    assert_eq!(silent().await, 1, "nobody answered");
    order("unknown", "'504'", "30 seconds").await;
    assert_eq!(silent().await, 1, "nobody knows");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_of_two_flows_of_one_moment_is_shared_as_a_whole() {
    let (_database, db, admin) = world().await;
    let begun = DateTime::<Utc>::UNIX_EPOCH + TimeDelta::days(20_000);
    let fills = format!(
        "insert into venue_fills (account_id, owner_id, order_id, trade_id, filled_at, symbol, slot, side, quantity,
            price, fee)
         select '{FOLLOWER}', '{OWNER}', name, name, '{begun}', 'BTC-USDT', slot, side, 1, 100000, 0
         from (values ('11', 'LONG', 'BUY'), ('12', 'SHORT', 'SELL')) as v (name, slot, side);
         insert into trades (owner_id, account_id, source, symbol, direction, quantity, entry_at, status, copy_id)
         select owner_id, follower_account_id, 'copy', symbol, direction, 1, '{begun}', 'open', copy_id from venue_orders;"
    );
    admin.batch_execute(&fills).await.unwrap();
    let at = begun + TimeDelta::minutes(1);
    // In hedge mode each side pays, or is paid, for itself.
    let flows = [Decimal::from(-6), Decimal::from(4)].map(|amount| Funding { at, amount });
    let others = [Decimal::ZERO; 2];

    let whose = (OwnerId::from_uuid(OWNER), AccountId::from_uuid(FOLLOWER));
    let share =
        async |tx: &mut Tx| venue_ledger::share_funding(tx, whose, "BTC-USDT", (&flows, &others)).await;
    let changed = db.open(share).await.unwrap();

    let sum: String =
        admin.query_one("select trim_scale(sum(swap))::text from trades", &[]).await.unwrap().get(0);
    assert_eq!((changed.len(), sum.as_str()), (2, "-2"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exit_is_placed_by_one_alone_for_what_is_wanted_and_held_now() {
    let (_database, db, admin) = world().await;
    let (copy, node) = (CopyId::from_uuid(COPIES[0]), NodeId::from_uuid(NODE));
    let place = (AccountId::from_uuid(FOLLOWER), "BTC-USDT".to_owned(), Direction::Long);
    let want = async |stop: i64| {
        let wanted = (Some(Decimal::from(stop)), None);
        db.open(async |tx: &mut Tx| exits::set_wanted(tx, copy, wanted).await).await.unwrap();
    };
    let list = async || db.open(async |tx: &mut Tx| exits::list(tx, &place).await).await.unwrap();
    let claims = async |epoch: i64, exit: &exits::VenueExit| {
        db.open(async |tx: &mut Tx| exits::claim(tx, (node, epoch), exit).await).await.unwrap()
    };

    want(90).await;
    assert_eq!(list().await.len(), 2, "a row for each kind, of the copy of this direction");
    let found = |all: Vec<exits::VenueExit>| all.into_iter().next().unwrap();
    let old = found(list().await);
    assert_eq!((old.held, old.is_wanted, old.is_moving), (Decimal::ONE, false, true), "it is not open yet");
    assert!(!claims(7, &old).await);
    admin.batch_execute("update copy_orders set state = 'open' where state = 'claimed'").await.unwrap();
    assert!(!claims(6, &old).await, "another session");
    want(80).await;
    assert!(!claims(7, &old).await, "another price is wanted");
    let now = found(list().await);
    assert!(
        !claims(7, &exits::VenueExit { held: Decimal::TWO, ..now.clone() }).await,
        "it holds something else"
    );
    admin.batch_execute("update venue_orders set state = 'accepted'").await.unwrap();
    assert!(!claims(7, &now).await, "an order is on its way");
    admin.batch_execute("update venue_orders set state = 'filled'").await.unwrap();

    assert!(claims(7, &now).await);

    assert!(!claims(7, &now).await, "it was placed");
    let placed = found(list().await);
    assert!(placed.appears_within_s.is_some_and(|left| left > 0.0));
    assert!(!claims(7, &placed).await, "what was sent may still appear");
    let write_down = async |exit: &exits::VenueExit| {
        db.open(async |tx: &mut Tx| exits::note(tx, exit, Some(60.0)).await).await.unwrap();
    };
    write_down(&exits::VenueExit { order_id: Some("9".to_owned()), ..now.clone() }).await;
    assert_eq!(found(list().await).order_id, None, "it was read before the last one was placed");
    write_down(&exits::VenueExit { order_id: Some("9".to_owned()), ..placed.clone() }).await;
    let read = async |tx: &mut Tx| {
        let own = exits::list_own(tx, copy).await?;
        Ok::<_, StoreError>((own, exits::list_order_ids(tx, &place).await?))
    };
    let (own, ids) = db.open(read).await.unwrap();
    assert_eq!(own, [exits::OwnExit { order_id: Some("9".to_owned()), is_due: false }]);
    assert_eq!(ids.into_iter().collect::<Vec<_>>(), ["9"]);
    let due = db.open(async |tx: &mut Tx| exits::take_due(tx, node, 9).await).await.unwrap();
    assert_eq!(
        due.into_iter().collect::<Vec<_>>(),
        std::slice::from_ref(&place),
        "the target, of which none is wanted"
    );
}
