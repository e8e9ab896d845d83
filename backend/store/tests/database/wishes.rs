//! What is wanted of the copies of a trade: shares that leave, stops and targets that move.

use flotilla_domain::copy::reason::ReasonCode;
use flotilla_domain::id::{AccountId, NodeId, OwnerId, SignalId};
use flotilla_domain::signal::{ModifySignal, PartialSignal};
use flotilla_store::copy_orders::flatten::{Flatten, flatten};
use flotilla_store::copy_orders::wishes::{set_exits, shrink};
use flotilla_store::signals::{self, Origin};
use flotilla_store::venue_orders::close::list_due;
use flotilla_store::{Db, StoreError, Tx};
use flotilla_testkit::db::TestDb;
use tokio_postgres::Client;
use uuid::Uuid;

const OWNER: Uuid = Uuid::from_u128(1);
const MASTER: Uuid = Uuid::from_u128(0x20);
const NODE: Uuid = Uuid::from_u128(0xa);

/// One trade of a master, bought, with a copy on each kind of follower:
///
/// | follower | copy |
/// | --- | --- |
/// | 1 exchange | open, all of 2 |
/// | 2 exchange | open, 1.5 of 2 were filled |
/// | 3 exchange, reversed | planned |
/// | 4 on paper, without stops | open, all of 2 |
/// | 5 terminal, closes | open |
/// | 6 terminal, ignores | open |
/// | 7 exchange | skipped |
/// | 8 exchange | on its way |
const ROWS: &str = "
    insert into users (id, email, name, password_hash)
        values ('00000000-0000-0000-0000-000000000001', 'ada@example.com', 'Ada', '');
    insert into accounts (id, owner_id, name, platform, copy_role)
        values ('00000000-0000-0000-0000-000000000020', '00000000-0000-0000-0000-000000000001', 'm', 'bingx', 'master');
    insert into signals (id, owner_id, master_account_id, ticket, kind, part, symbol, side, lots, price, stop_loss,
        line_hash, session_epoch)
    values ('00000000-0000-0000-0000-000000000003', '00000000-0000-0000-0000-000000000001',
        '00000000-0000-0000-0000-000000000020', 7, 'open', 0, 'BTC-USDT', 'BUY', 4, 100, 90, '', 0);
    create temporary table f as
    select n, ('00000000-0000-0000-0000-00000000010' || n)::uuid as id, platform, side, state, open_lots, stops, partly
    from (values
        (1, 'bingx', 'BUY', 'open', 2, true, 'close'),
        (2, 'bingx', 'BUY', 'open', 1.5, true, 'close'),
        (3, 'bingx', 'SELL', 'planned', 0, true, 'close'),
        (4, 'paper', 'BUY', 'open', 2, false, 'close'),
        (5, 'mt5', 'BUY', 'open', 2, true, 'close'),
        (6, 'mt5', 'BUY', 'open', 2, true, 'ignore'),
        (7, 'bingx', 'BUY', 'skipped', 0, true, 'close'),
        (8, 'bingx', 'BUY', 'claimed', 0, true, 'close')) as v (n, platform, side, state, open_lots, stops, partly);
    insert into accounts (id, owner_id, name, platform, copy_role)
        select id, '00000000-0000-0000-0000-000000000001', 'f' || n, platform, 'follower' from f;
    insert into subscriptions (owner_id, follower_account_id, master_account_id, master_name, source, state, copy_sl_tp,
        on_partial)
    select '00000000-0000-0000-0000-000000000001', id, '00000000-0000-0000-0000-000000000020', 'm', 'web', 'active',
        stops, partly from f;
    insert into sessions (account_id, owner_id, epoch, node_id, connected_at, venue, sockets)
        select id, '00000000-0000-0000-0000-000000000001', 7, '00000000-0000-0000-0000-00000000000a', now(),
            case platform when 'mt5' then null else platform end, 1 from f;
    insert into copy_orders (copy_id, signal_id, owner_id, follower_account_id, master_account_id, state, symbol, side,
        master_ticket, master_lots, master_price, stop_loss, desired_lots, open_lots, venue_ref, claim_epoch, claimed_at,
        expires_at)
    select id, '00000000-0000-0000-0000-000000000003', '00000000-0000-0000-0000-000000000001', id,
        '00000000-0000-0000-0000-000000000020', state, 'BTC-USDT', side, 7, 4, 100,
        case when stops and side = 'BUY' then 90 end, 2, open_lots, n,
        case when state in ('open', 'claimed') then 7 end, case when state in ('open', 'claimed') then now() end,
        now() + interval '1 hour'
    from f order by n;";

const WANTED: &str =
    "select string_agg(trim_scale(desired_lots) || '/' || desired_version || ' ' || state, ', ' order by id)
    from copy_orders";
const EXITS: &str = "select string_agg(coalesce(trim_scale(stop_loss)::text, '-') || ' '
    || coalesce(trim_scale(take_profit)::text, '-'), ', ' order by id) from copy_orders";
const EVENTS: &str = "select string_agg(right(copy_id::text, 1) || ' ' || cause || coalesce(' ' || detail, ''), ', ' order by copy_id, e.id)
    from copy_events e";

async fn world() -> (TestDb, Db, Client) {
    let database = TestDb::new().await;
    let admin = database.admin().await;
    admin.batch_execute(ROWS).await.unwrap();
    let db = Db::connect(&database.worker_url, 2).unwrap();
    (database, db, admin)
}

async fn text(admin: &Client, query: &str) -> String {
    admin.query_one(query, &[]).await.unwrap().get::<_, Option<String>>(0).unwrap_or_default()
}

fn origin() -> Origin {
    Origin {
        signal_id: SignalId::from_uuid(Uuid::now_v7()),
        master_id: AccountId::from_uuid(MASTER),
        owner_id: OwnerId::from_uuid(OWNER),
        epoch: 0,
        line_hash: [0; 32],
        age_us: 0,
    }
}

/// As a worker stores that a part left.
async fn leave_part(db: &Db, lots: &str, rest: &str) -> (usize, usize) {
    let signal = PartialSignal {
        symbol: "BTC-USDT".parse().unwrap(),
        ticket: "7".parse().unwrap(),
        side: "BUY".parse().unwrap(),
        lots: lots.parse().unwrap(),
        rest: rest.parse().unwrap(),
        price: None,
    };
    db.open(async |tx: &mut Tx| {
        let origin = origin();
        signals::lock_master(tx, origin.master_id).await?;
        signals::accept_partial(tx, &origin, &signal).await?;
        let told = shrink(tx, origin.master_id, &signal).await?;
        let whole = Flatten::Whole(origin.master_id, signal.ticket);
        let flat = flatten(tx, NodeId::from_uuid(NODE), &whole, ReasonCode::MasterClosed, &[2]).await?;
        Ok::<_, StoreError>((told.len(), flat.iter().filter(|copy| copy.close.is_some()).count()))
    })
    .await
    .unwrap()
}

async fn move_exits(db: &Db, stop: Option<&str>, target: Option<&str>) -> usize {
    let signal = ModifySignal {
        symbol: "BTC-USDT".parse().unwrap(),
        ticket: "7".parse().unwrap(),
        side: "BUY".parse().unwrap(),
        stop_loss: stop.map(|price| price.parse().unwrap()),
        take_profit: target.map(|price| price.parse().unwrap()),
    };
    db.open(async |tx: &mut Tx| {
        let origin = origin();
        signals::lock_master(tx, origin.master_id).await?;
        signals::accept_modify(tx, &origin, &signal).await?;
        Ok::<_, StoreError>(set_exits(tx, origin.master_id, &signal).await?.len())
    })
    .await
    .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn copies_keep_the_share_that_the_master_keeps() {
    let (_database, db, admin) = world().await;

    // A quarter leaves. Of what is held, not of what was asked for; terminals close all of it, or go on.
    assert_eq!(leave_part(&db, "1", "3").await, (7, 1));
    let wanted = "1.5/2 open, 1.125/2 open, 1.5/2 planned, 1.5/2 open, 0/2 closing, 2/1 open, 1.5/2 skipped, 1.5/2 claimed";
    assert_eq!(text(&admin, WANTED).await, wanted);

    // Half of the rest leaves, before anything was sent: a part that is owed is not given back.
    assert_eq!(leave_part(&db, "1.5", "1.5").await, (7, 0));
    let wanted = "0.75/3 open, 0.5625/3 open, 0.75/3 planned, 0.75/3 open, 0/2 closing, 2/1 open, 0.75/3 skipped, 0.75/3 claimed";
    assert_eq!(text(&admin, WANTED).await, wanted);

    let place = (NodeId::from_uuid(NODE), flotilla_domain::account::Platform::Bingx);
    let due = db.open(async |tx: &mut Tx| list_due(tx, place, 10).await).await.unwrap();
    assert_eq!(due.iter().map(|one| one.is_part).collect::<Vec<_>>(), [true, true], "the open ones alone");
    let stored = "select string_agg(kind || part || ' ' || trim_scale(lots) || '/' || trim_scale(rest_lots), ', ' order by part)
        from signals where kind = 'partial'";
    assert_eq!(text(&admin, stored).await, "partial0 1/3, partial1 1.5/1.5");
    let events = "1 master_partial 2 → 1.5, 1 master_partial 1.5 → 0.75, 2 master_partial 2 → 1.125, \
        2 master_partial 1.125 → 0.5625, 3 master_partial 2 → 1.5, 3 master_partial 1.5 → 0.75, \
        4 master_partial 2 → 1.5, 4 master_partial 1.5 → 0.75, 5 close_sent, 6 partial_ignored, 6 partial_ignored, \
        8 master_partial 2 → 1.5, 8 master_partial 1.5 → 0.75";
    assert_eq!(text(&admin, EVENTS).await, events);
}

#[tokio::test(flavor = "multi_thread")]
async fn stops_and_targets_move_where_they_are_copied_and_change_places_where_reversed() {
    let (_database, db, admin) = world().await;

    assert_eq!(move_exits(&db, Some("95"), Some("120")).await, 6);
    let moved = "95 120, 95 120, 120 95, - -, 90 -, 90 -, 90 -, 95 120";
    assert_eq!(
        text(&admin, EXITS).await,
        moved,
        "a terminal has its order, a copy that was skipped has none"
    );
    // The same once more changes nothing, though it is told to those again that cannot be told.
    assert_eq!(move_exits(&db, Some("95"), Some("120")).await, 2);
    assert_eq!(move_exits(&db, None, Some("120")).await, 6);
    assert_eq!(text(&admin, EXITS).await, "- 120, - 120, 120 -, - -, 90 -, 90 -, 90 -, - 120");

    let versions = "select string_agg(desired_version::text, ' ' order by id) from copy_orders";
    assert_eq!(text(&admin, versions).await, "3 3 3 1 1 1 1 3");
    let first = "select string_agg(cause || ' ' || detail, ', ' order by id) from copy_events
        where copy_id in ('00000000-0000-0000-0000-000000000101', '00000000-0000-0000-0000-000000000103')";
    let expected = "master_modified SL 90 → 95, TP – → 120, master_modified SL – → 120, TP – → 95, \
        master_modified SL 95 → –, TP 120 → 120, master_modified SL 120 → 120, TP 95 → –";
    assert_eq!(text(&admin, first).await, expected);
    let told = "select string_agg(distinct cause, ' ') from copy_events
        where copy_id in ('00000000-0000-0000-0000-000000000105', '00000000-0000-0000-0000-000000000106')";
    assert_eq!(text(&admin, told).await, "modify_not_sent");
}
