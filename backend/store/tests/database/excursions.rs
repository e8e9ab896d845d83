//! Which trades at exchanges are measured, by which fills, and when anew.

use chrono::{DateTime, TimeDelta, Utc};
use flotilla_domain::id::{AccountId, CopyId, OwnerId, TradeId};
use flotilla_domain::trade::excursion::Excursion;
use flotilla_domain::trade::{Direction, Execution};
use flotilla_domain::venue::VenueEnvironment;
use flotilla_domain::venue_trades::RoundTrip;
use flotilla_store::excursions::{self, Due};
use flotilla_store::venue_orders::books;
use flotilla_store::{Tx, venue_ledger};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::venue_orders::{COPIES, FOLLOWER, OWNER, world};

#[tokio::test(flavor = "multi_thread")]
async fn the_fills_of_a_copy_are_told_once_they_are_all_there() {
    let (_database, db, admin) = world().await;
    // An order of the exchange's app closed both copies, and half a coin of its owner's.
    let closed = format!(
        "update venue_orders set direction = 'LONG';
         insert into venue_orders (owner_id, follower_account_id, copy_id, leg, version, client_id, symbol, direction,
            quantity, units_per_lot, state, order_id, filled, epoch)
         select '{OWNER}', '{FOLLOWER}', copy_id, 'external', 1, 'x' || order_id, symbol, direction, 1, 1, 'filled', '13',
            1, 7
         from venue_orders;"
    );
    admin.batch_execute(&closed).await.unwrap();
    let fill = async |order: &str, trade: &str, side: &str, quantity: &str| {
        let fill = format!(
            "insert into venue_fills (account_id, owner_id, order_id, trade_id, filled_at, symbol, slot, side,
                quantity, price, fee)
             values ('{FOLLOWER}', '{OWNER}', '{order}', '{trade}',
                '2026-11-20T12:00:00Z'::timestamptz + interval '{trade} minutes', 'BTC-USDT', 'LONG', '{side}',
                {quantity}, 100000, 0)"
        );
        admin.batch_execute(&fill).await.unwrap();
    };
    let due = Due {
        id: TradeId::from_uuid(Uuid::from_u128(0x21)),
        owner_id: OwnerId::from_uuid(OWNER),
        account_id: AccountId::from_uuid(FOLLOWER),
        copy_id: Some(CopyId::from_uuid(COPIES[0])),
        symbol: "BTC-USDT".to_owned(),
        exit_at: DateTime::<Utc>::UNIX_EPOCH,
        quantity: Decimal::ONE,
        entry_price: None,
        environment: VenueEnvironment::Demo,
    };
    let told = async || {
        let fills = db.open(async |tx: &mut Tx| excursions::list_fills(tx, &due).await).await.unwrap();
        let text = |fill: &Execution| format!("{} {}", fill.side.as_str(), fill.quantity.normalize());
        fills.map(|fills| fills.iter().map(text).collect::<Vec<_>>())
    };

    fill("11", "1", "BUY", "0.4").await;
    fill("13", "3", "SELL", "1").await;
    fill("13", "4", "SELL", "1.5").await;
    assert_eq!(told().await, None, "0.6 of its opening are not there yet");
    fill("11", "2", "BUY", "0.6").await;
    assert_eq!(told().await.unwrap(), ["BUY 0.4", "BUY 0.6", "SELL 0.4", "SELL 0.6"]);
    admin.batch_execute("delete from venue_fills where trade_id = '4'").await.unwrap();
    assert_eq!(told().await, None, "both copies lost more by it than is there");
}

/// Of the copy's trade and of the account's own: what was measured, and whether that is due.
const MEASURED: &str = "select string_agg(coalesce(trim_scale(t.mae) || ' ' || trim_scale(t.mfe), 'none')
        || case when e.due_at is not null then ' due' else '' end, ', ' order by t.source)
    from trades t left join trade_excursions e on e.trade_id = t.id where t.status = 'closed'";

/// An open and a close of the first copy, its trade, and a key of its account.
fn closed() -> String {
    let [copy, _] = COPIES;
    format!(
        "insert into exchange_keys (account_id, owner_id, environment, candidate, offered_at)
            values ('{FOLLOWER}', '{OWNER}', 'demo', '', now());
         delete from venue_orders where copy_id <> '{copy}';
         update venue_orders set average_price = 100;
         insert into venue_orders (owner_id, follower_account_id, copy_id, leg, version, client_id, symbol, direction,
            quantity, units_per_lot, state, order_id, filled, average_price, epoch)
         select owner_id, follower_account_id, copy_id, 'close', 1, 'c', symbol, direction, 1, 1, 'filled', 'c', 1, 110, 7
         from venue_orders;
         insert into trades (owner_id, account_id, source, symbol, direction, quantity, entry_at, exit_at, status, copy_id)
         values ('{OWNER}', '{FOLLOWER}', 'copy', 'BTC-USDT', 'LONG', 1, now() - interval '1 hour', now(), 'closed',
            '{copy}');"
    )
}

/// A trade of the account's own.
fn trip() -> RoundTrip {
    let begun = DateTime::<Utc>::UNIX_EPOCH + TimeDelta::days(20_000);
    RoundTrip {
        opened_by: "21".to_owned(),
        direction: Direction::Long,
        quantity: Decimal::ONE,
        open: Decimal::ZERO,
        entry_price: Decimal::from(100),
        exit_price: Some(Decimal::from(110)),
        entry_at: begun,
        exit_at: Some(begun + TimeDelta::hours(1)),
        fees: Decimal::ZERO,
        funding: Decimal::ZERO,
        pnl: Some(Decimal::TEN),
        executions: Vec::new(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trade_is_measured_again_where_a_late_fill_makes_it_another() {
    let (_database, db, admin) = world().await;
    let [copy, _] = COPIES;
    admin.batch_execute(&closed()).await.unwrap();
    let mut trip = trip();
    let whose = (OwnerId::from_uuid(OWNER), AccountId::from_uuid(FOLLOWER));
    let measured = async || -> String { admin.query_one(MEASURED, &[]).await.unwrap().get(0) };
    let write = async |trip: &RoundTrip| {
        let work = async |tx: &mut Tx| {
            books::write_results(tx, &[CopyId::from_uuid(copy)]).await?;
            venue_ledger::save_trade(tx, whose, "BTC-USDT", trip).await
        };
        db.open(work).await.unwrap();
        measured().await
    };
    let take = async || {
        let soon = "update trade_excursions set due_at = now() where due_at is not null";
        admin.batch_execute(soon).await.unwrap();
        db.open(async |tx: &mut Tx| excursions::take_due(tx, 9).await).await.unwrap()
    };
    let found = Excursion { mae: Decimal::NEGATIVE_ONE, mfe: Decimal::TWO };
    let save =
        async |due: &Due| db.open(async |tx: &mut Tx| excursions::save(tx, due, found).await).await.unwrap();
    let give_up = async |due: &Due| {
        db.open(async |tx: &mut Tx| excursions::give_up(tx, due).await).await.unwrap();
    };

    assert_eq!(write(&trip).await, "none due, none due");
    let first = take().await;
    for due in &first {
        assert!(save(due).await);
    }
    assert_eq!((first.len(), write(&trip).await.as_str()), (2, "-1 2, -1 2"), "it is what it was");

    admin.batch_execute("update venue_orders set quantity = 2, filled = 2").await.unwrap();
    trip.quantity = Decimal::TWO;
    assert_eq!(write(&trip).await, "none due, none due", "more was entered");
    // Whoever still computes from what was known before writes nothing.
    for due in &first {
        assert!(!save(due).await);
        give_up(due).await;
    }
    assert_eq!(measured().await, "none due, none due");
    for due in &take().await {
        give_up(due).await;
    }
    assert_eq!(write(&trip).await, "none, none");
    admin.batch_execute("update venue_orders set average_price = 101 where leg = 'open'").await.unwrap();
    trip.entry_price = Decimal::from(101);
    assert_eq!(write(&trip).await, "none due, none due", "it was entered at another price");
    // Whatever became of it meanwhile, it is not left without figures once more is told of it.
    for due in &take().await {
        give_up(due).await;
    }
    trip.funding = Decimal::ONE;
    assert_eq!(write(&trip).await, "none, none due", "it has no figures and waits for none");
}
