//! What happens to copies at the exchange that nobody wished for.

use flotilla_bingx_sim::fault::{Mishap, Rule};
use flotilla_bingx_sim::request::{HostName, Params};
use rust_decimal::Decimal;

use crate::support::World;
use crate::support::exchange::Exchange;
use crate::support::scene::{BTC, ORDER, Scene};

const TRADES: &str =
    "select coalesce(string_agg(source || ' ' || status || ' ' || (pnl < -7000)::text, ', ' order by id), '')
    from trades where account_id = $1";
const ALERTS: &str =
    "select coalesce(string_agg(kind || case when resolved_at is null then '' else ' over' end, ', '
    order by first_at), '') from alerts where account_id = $1";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_position_that_is_liquidated_closes_its_copy_with_its_loss() {
    let mut s = Scene::new().await;
    s.enter("0.3", 1).await;
    s.world.await_copies(&s.follower, "open").await;

    // With a leverage of 5 and all of the account behind it.
    s.exchange.move_price(BTC, "66000");

    s.world.await_copies(&s.follower, "closed(closed_externally)").await;
    assert_eq!(s.held(), Decimal::ZERO);
    s.world.await_text(TRADES, s.follower.id, "copy closed true").await;
    assert_eq!(s.accepted(), 1);
    s.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_in_doubt_is_told_after_ten_seconds_and_the_alarm_ends_with_the_doubt() {
    let mut s = Scene::new().await;
    s.fault(Rule::of(Mishap::StatusAfter { status: 504 }).on("POST", ORDER).times(1));
    s.fault(Rule::of(Mishap::StatusBefore { status: 504 }).on("GET", ORDER));
    s.enter("0.01", 1).await;
    s.world.await_copies(&s.follower, "unconfirmed(silent)").await;
    assert_eq!(s.world.text(ALERTS, s.follower.id).await, "");

    s.world.pass_time(10).await;

    s.world.await_text(ALERTS, s.follower.id, "unconfirmed").await;
    s.exchange.with(|venue| venue.faults.clear());
    s.world.await_copies(&s.follower, "open").await;
    assert_eq!((s.held(), s.accepted()), ("0.01".parse().unwrap(), 1));
    s.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fill_while_the_key_of_the_stream_runs_out_is_told_all_the_same() {
    let exchange = Exchange::start().await;
    let world = World::start_with(|config| config.exchange = Some(exchange.config())).await;
    let lead = world.master().await;
    let uid = exchange.connect(&world, &lead).await;
    exchange.one_way(uid);
    let begun = "select coalesce((select 'begun' from venue_accounts where account_id = $1 and leads_from is not null), '')";
    world.await_text(begun, lead.id, "begun").await;

    // Between the end of one key and the beginning of the next nobody is told of anything.
    exchange.with(|venue| {
        let now_ms = venue.now();
        venue.at_desk(HostName::Demo, uid, |desk| {
            desk.ledger.listen_key.as_mut().unwrap().until = now_ms;
        });
        venue.advance(now_ms);
        assert!(venue.ledger(HostName::Demo, uid).unwrap().listen_key.is_none());
        let pairs = [
            ("symbol", "LTC-USDT"),
            ("side", "BUY"),
            ("positionSide", "BOTH"),
            ("type", "MARKET"),
            ("quantity", "1"),
        ];
        let params = Params::of_values(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
        venue.at_desk(HostName::Demo, uid, |desk| desk.place(&params).unwrap());
    });

    let signals =
        "select coalesce(string_agg(kind || ' ' || coalesce(lots::float8::text, '-') || ' ' || symbol, ', '
        order by id), '') from signals where master_account_id = $1";
    world.await_text(signals, lead.id, "open 1 LTC-USDT").await;
    exchange.by_hand(uid, "SELL", "LTC-USDT", "1");
    world.await_text(signals, lead.id, "open 1 LTC-USDT, close - LTC-USDT").await;
    world.check().await;
}
