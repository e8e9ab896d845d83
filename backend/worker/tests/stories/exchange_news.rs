//! What the stream of an account at an exchange tells of copies, of what is not ours, and of a master's exits.

use std::time::Duration;

use flotilla_bingx_sim::ledger::Slot;
use flotilla_bingx_sim::request::{HostName, Params};

use crate::support::World;
use crate::support::exchange::Exchange;
use crate::support::scene::{BTC, Scene};

/// Trades that are made from fills, and those of copies.
const TRADES: &str =
    "select coalesce(string_agg(source || ' ' || direction || ' ' || trim_scale(quantity) || ' ' || status,
    ', ' order by source, id), '') from trades where account_id = $1";
const FILLS: &str = "select count(*)::text from venue_fills where account_id = $1";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fills_of_copies_are_their_trades_and_no_others() {
    let mut s = Scene::new().await;
    let uid = s.uid;

    s.enter("0.01", 1).await;
    s.world.await_copies(&s.follower, "open").await;
    s.exchange.fund(uid);
    let funded = "select (swap <> 0)::text from trades where account_id = $1 and source = 'copy'";
    s.world.await_text(funded, s.follower.id, "true").await;
    // The owner's own position beside it, closed by himself; then ours, by its master.
    let by_hand = |side: &str| order(&[("side", side), ("positionSide", "LONG"), ("quantity", "0.02")]);
    s.exchange.with(|venue| venue.at_desk(HostName::Demo, uid, |desk| desk.place(&by_hand("BUY")).unwrap()));
    s.exchange.with(|venue| venue.at_desk(HostName::Demo, uid, |desk| desk.place(&by_hand("SELL")).unwrap()));
    s.leave(1).await;
    s.world.await_copies(&s.follower, "closed").await;

    s.world.await_text(FILLS, s.follower.id, "4").await;
    s.world.await_text(TRADES, s.follower.id, "copy LONG 0.01 closed, exchange LONG 0.02 closed").await;
    s.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_closes_a_copy_without_us_is_noticed_by_the_stream_and_is_no_trade_of_its_own() {
    // Nothing but the stream tells of it.
    let mut s = Scene::with(|config| {
        config.exchange.as_mut().unwrap().timing.positions = Duration::from_hours(1);
    })
    .await;
    let uid = s.uid;
    s.enter("0.01", 1).await;
    s.world.await_copies(&s.follower, "open").await;

    s.exchange
        .with(|venue| venue.at_desk(HostName::Demo, uid, |desk| desk.close_slot(BTC, Slot::Long, "MARKET")));

    s.world.await_copies(&s.follower, "closed(closed_externally)").await;
    s.world.await_text(FILLS, s.follower.id, "2").await;
    s.world.await_text(TRADES, s.follower.id, "copy LONG 0.01 closed").await;
    s.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stop_and_target_of_a_master_travel_with_its_signals() {
    let exchange = Exchange::start().await;
    exchange.move_price(BTC, "100000");
    let world = World::start_with(|config| config.exchange = Some(exchange.config())).await;
    let lead = world.master().await;
    let uid = exchange.connect(&world, &lead).await;
    let begun = "select coalesce((select 'begun' from venue_accounts where account_id = $1 and leads_from is not null), '')";
    world.await_text(begun, lead.id, "begun").await;
    let follower = world.follower().await;
    let mut ea = world.follower_ea(&follower, &lead).await;

    let exit = |kind: &str, price: &str| {
        format!(r#"{{"type":"{kind}","stopPrice":{price},"workingType":"MARK_PRICE"}}"#)
    };
    let (stop, target) = (exit("STOP_MARKET", "99000"), exit("TAKE_PROFIT_MARKET", "103000"));
    let params = order(&[
        ("side", "BUY"),
        ("positionSide", "LONG"),
        ("quantity", "0.01"),
        ("stopLoss", &stop),
        ("takeProfit", &target),
    ]);
    exchange.with(|venue| venue.at_desk(HostName::Demo, uid, |desk| desk.place(&params).unwrap()));

    let open = ea.expect_open().await;
    assert_eq!((open.side.as_str(), open.symbol.as_str()), ("BUY", BTC));
    let exits =
        "select coalesce(max(trim_scale(stop_loss)::text || ' ' || trim_scale(take_profit)::text), '')
        from signals where master_account_id = $1";
    assert_eq!(world.text(exits, lead.id).await, "99000 103000");
}

/// A market order in Bitcoin, as the owner's own app sends it.
fn order(more: &[(&str, &str)]) -> Params {
    let all = [("symbol", BTC), ("type", "MARKET")].iter().chain(more);
    Params::of_values(all.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
}
