//! Copies of accounts at an exchange: each becomes one order, whatever happens on the way.

use std::time::Duration;

use flotilla_bingx_sim::fault::{Mishap, Rule};
use flotilla_bingx_sim::ledger::Slot;
use flotilla_bingx_sim::market::Level;
use flotilla_bingx_sim::request::HostName;
use flotilla_bingx_sim::venue::Venue;
use flotilla_store::changes::{ChangeKind, Heard, listen};
use rstest::rstest;
use rust_decimal::Decimal;
use tokio::sync::mpsc::Receiver;

use crate::support::scene::{BTC, ORDER, Scene};

const HELD: &str =
    "select coalesce(string_agg(symbol || ' ' || direction || ' ' || trim_scale(quantity) || ' ' || status
        || coalesce(' in ' || trim_scale(entry_price), '') || coalesce(' out ' || trim_scale(exit_price), '')
        || coalesce(' pnl ' || trim_scale(pnl), ''), ', ' order by id), '')
    from trades where account_id = $1";
const ORDERS: &str = "select coalesce(string_agg(leg || version || ' ' || state || ' ' || trim_scale(filled), ', ' order by id), '')
    from venue_orders where follower_account_id = $1";
/// Path of the list of fills.
const FILLS: &str = "trade/fillHistory";

/// Waits for a hint that a copy has changed.
async fn hears_of_copy(heard: &mut Receiver<Heard>) {
    let told = |heard: &Heard| matches!(heard, Heard::Changes(changes) if changes.iter().any(|change| change.kind == ChangeKind::Copy));
    while !told(&heard.recv().await.expect("changes are told")) {}
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_master_at_a_broker_opens_and_closes_an_order_at_the_exchange() {
    let mut s = Scene::new().await;
    s.fault(Rule::of(Mishap::StatusBefore { status: 500 }).on("GET", FILLS));

    s.enter("0.015", 1).await;
    s.world.await_copies(&s.follower, "open").await;
    assert_eq!(s.held(), "0.015".parse().unwrap());
    // Its fee cannot be read at first. It comes soon after, and whoever looks at the copy is told.
    let mut heard = listen(s.world.config.database_url.clone());
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    while heard.try_recv().is_ok() {}
    s.exchange.with(|venue| venue.faults.clear());
    let opened = "select coalesce(string_agg((fee > 0)::text, ' '), '') from venue_orders where follower_account_id = $1";
    s.world.await_text(opened, s.follower.id, "true").await;
    tokio::time::timeout(Duration::from_secs(5), hears_of_copy(&mut heard)).await.expect("a hint");
    s.leave(1).await;

    s.world.await_copies(&s.follower, "closed").await;
    assert_eq!((s.held(), s.accepted()), (Decimal::ZERO, 2));
    assert_eq!(s.world.text(ORDERS, s.follower.id).await, "open1 filled 0.015, close1 filled 0.015");
    let trade = s.world.text(HELD, s.follower.id).await;
    assert!(trade.starts_with("BTC-USDT LONG 0.015 closed in 100"), "{trade}");
    assert!(trade.contains(" out ") && trade.contains(" pnl -"), "the spread is lost: {trade}");
    let fees = "select (fees > 0)::text from trades where account_id = $1";
    s.world.await_text(fees, s.follower.id, "true").await;
    s.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_position_modes_are_respected_and_never_changed() {
    for is_hedge in [true, false] {
        let mut s = Scene::new().await;
        let uid = s.uid;
        s.exchange.with(|venue| venue.at_desk(HostName::Demo, uid, |desk| desk.ledger.is_hedge = is_hedge));

        // The mode was read as hedge at the start: the first order finds that out, and goes again.
        s.enter("0.01", 1).await;
        s.world.await_copies(&s.follower, "open").await;
        s.enter("0.01", 2).await;
        s.world.await_copies(&s.follower, "open open").await;
        s.leave(2).await;

        s.world.await_copies(&s.follower, "open closed").await;
        let slot = if is_hedge { Slot::Long } else { Slot::Both };
        assert_eq!(s.position(slot), "0.01".parse().unwrap());
        let mode = s.exchange.with(|venue| venue.ledger(HostName::Demo, uid).unwrap().is_hedge);
        assert_eq!(mode, is_hedge);
        s.check().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_one_way_mode_the_other_side_is_not_opened_against_what_is_held() {
    let mut s = Scene::new().await;
    let uid = s.uid;
    s.exchange.with(|venue| venue.at_desk(HostName::Demo, uid, |desk| desk.ledger.is_hedge = false));
    s.enter("0.01", 1).await;
    s.world.await_copies(&s.follower, "open").await;

    s.m.open("SELL|BTCUSD|100000|0.02|0|0|2").await;

    s.world.await_copies(&s.follower, "open skipped(opposite_side)").await;
    assert_eq!(s.held(), "0.01".parse().unwrap());
    s.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thin_book_fills_a_part_and_that_part_is_closed() {
    let mut s = Scene::new().await;
    s.exchange.with(|venue| {
        let market = venue.market_mut(HostName::Demo, BTC).unwrap();
        market.asks = vec![Level { price: "100010".parse().unwrap(), quantity: "0.004".parse().unwrap() }];
        market.book_version += 1;
    });

    s.enter("0.01", 1).await;
    s.world.await_copies(&s.follower, "open").await;
    let lots = "select trim_scale(open_lots)::text || coalesce(' ' || reason_text, '') from copy_orders where follower_account_id = $1";
    assert_eq!(s.world.text(lots, s.follower.id).await, "0.004 0.004 / 0.01");
    s.leave(1).await;

    s.world.await_copies(&s.follower, "closed").await;
    assert_eq!(s.held(), Decimal::ZERO);
    s.check().await;
}

/// What may happen to the request of an order. Whether it was accepted or not, it is one order in the end.
#[rstest]
#[case::gateway_before(Mishap::StatusBefore { status: 504 })]
#[case::gateway_after(Mishap::StatusAfter { status: 504 })]
#[case::broken_before(Mishap::StatusBefore { status: 500 })]
#[case::cut_before(Mishap::DropBefore)]
#[case::cut_after(Mishap::DropAfter)]
#[case::hidden(Mishap::Hide { ms: 3_000, lost: false })]
#[case::lost_and_hidden(Mishap::Hide { ms: 3_000, lost: true })]
#[case::half(Mishap::HalfBody)]
#[case::garbage(Mishap::Garbage)]
#[case::busy(Mishap::Refuse { code: 101_500, text: "rpc timeout".to_owned() })]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_whose_fate_is_unknown_is_one_order_in_the_end(#[case] mishap: Mishap) {
    let mut s = Scene::new().await;
    s.fault(Rule::of(mishap.clone()).on("POST", ORDER).times(1));

    s.enter("0.01", 1).await;
    s.world.await_copies(&s.follower, "open").await;
    s.fault(Rule::of(mishap).on("POST", ORDER).times(1));
    s.leave(1).await;

    s.world.await_copies(&s.follower, "closed").await;
    assert_eq!((s.held(), s.accepted()), (Decimal::ZERO, 2));
    s.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_that_never_arrived_and_is_not_wanted_any_more_is_not_sent_again() {
    let mut s = Scene::new().await;
    s.fault(Rule::of(Mishap::DropBefore).on("POST", ORDER).times(1));

    s.enter("0.01", 1).await;
    s.world.await_copies(&s.follower, "unconfirmed(silent)").await;
    s.leave(1).await;

    s.world.await_copies(&s.follower, "failed(not_opened)").await;
    assert_eq!((s.held(), s.accepted()), (Decimal::ZERO, 0));
    s.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_exchange_refuses_is_told_in_its_words_and_not_tried_again() {
    let mut s = Scene::new().await;

    // Tried again, it would be taken.
    let text = "Insufficient margin".to_owned();
    s.fault(Rule::of(Mishap::Refuse { code: 101_204, text }).on("POST", ORDER).times(1));
    s.enter("0.01", 1).await;

    s.world.await_copies(&s.follower, "failed(refused)").await;
    let words = "select coalesce(max(reason_text), '') from copy_orders where follower_account_id = $1";
    let words = s.world.text(words, s.follower.id).await;
    assert!(words.to_lowercase().contains("margin"), "{words}");
    assert_eq!(s.accepted(), 0);
    s.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_an_order_is_skipped_with_the_figures() {
    let mut s = Scene::new().await;
    let skip = async |s: &mut Scene, line: &str| {
        s.m.open(line).await;
        let last = "select coalesce((select state || ' ' || reason_code || ' ' || coalesce(reason_text, '')
            from copy_orders where follower_account_id = $1 order by id desc limit 1), '')";
        let ticket: i64 = line.rsplit('|').next().unwrap().parse().unwrap();
        let settled = "select coalesce(max(state), '') from copy_orders where follower_account_id = $1 and master_ticket = "
            .to_owned() + &ticket.to_string();
        s.world.await_text(&settled, s.follower.id, "skipped").await;
        s.world.text(last, s.follower.id).await
    };

    assert_eq!(skip(&mut s, "BUY|US30|40000|1|0|0|1").await, "skipped symbol_unknown US30");
    assert_eq!(skip(&mut s, "BUY|BTCUSD|100000|0.00001|0|0|2").await, "skipped limit 0.00001 < 0.0001");
    let moved = skip(&mut s, "BUY|BTCUSD|101000|0.01|0|0|3").await;
    assert!(moved.starts_with("skipped price_moved 101000 → "), "{moved}");
    let passed = skip(&mut s, "BUY|BTCUSD|100000|0.01|100500|0|4").await;
    assert!(passed.starts_with("skipped price_moved "), "{passed}");
    s.world.set_copying(&s.follower, r#"symbol_map = '{"US30": "BTC-USDT"}'"#).await;
    assert_eq!(skip(&mut s, "BUY|US30|100000|1|0|0|5").await, "skipped units_unknown US30");
    s.world
        .sql
        .execute("update accounts set trading_enabled = false where id = $1", &[&s.follower.id])
        .await
        .unwrap();
    assert_eq!(skip(&mut s, "BUY|BTCUSD|100000|0.01|0|0|6").await, "skipped trading_off ");
    assert_eq!(s.accepted(), 0);
    s.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn units_that_the_owner_entered_make_coins_of_lots() {
    let mut s = Scene::new().await;
    s.world
        .set_copying(&s.follower, r#"symbol_map = '{"US30": "BTC-USDT"}', units_per_lot = '{"US30": "0.5"}'"#)
        .await;

    s.m.open("BUY|US30|100000|0.02|0|0|1").await;

    s.world.await_copies(&s.follower, "open").await;
    assert_eq!(s.held(), "0.01".parse().unwrap());
    let lots = "select trim_scale(open_lots)::text from copy_orders where follower_account_id = $1";
    assert_eq!(s.world.text(lots, s.follower.id).await, "0.02");
    s.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_attached_stop_closes_the_copy_and_is_noticed() {
    let mut s = Scene::new().await;
    s.m.open("BUY|BTCUSD|100000|0.01|99000|102000|1").await;
    s.world.await_copies(&s.follower, "open").await;

    s.exchange.move_price(BTC, "98900");

    s.world.await_copies(&s.follower, "closed(closed_externally)").await;
    let trade = s.world.text(HELD, s.follower.id).await;
    assert!(
        trade.contains("closed in 100") && trade.contains(" out 98") && trade.contains(" pnl -"),
        "{trade}"
    );
    s.leave(1).await;
    s.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_owner_closes_by_hand_is_noticed_and_what_he_adds_is_left_alone() {
    let mut s = Scene::new().await;
    let uid = s.uid;
    s.enter("0.01", 1).await;
    s.world.await_copies(&s.follower, "open").await;

    s.exchange
        .with(|venue| venue.at_desk(HostName::Demo, uid, |desk| desk.close_slot(BTC, Slot::Long, "MARKET")));
    s.world.await_copies(&s.follower, "closed(closed_externally)").await;
    s.enter("0.02", 2).await;
    s.world.await_copies(&s.follower, "closed(closed_externally) open").await;
    s.exchange.with(|venue| {
        let position = |ledger: &mut flotilla_bingx_sim::ledger::Ledger| {
            ledger.positions.get_mut(&(BTC.to_owned(), Slot::Long)).unwrap().quantity += Decimal::ONE;
        };
        venue.at_desk(HostName::Demo, uid, |desk| position(desk.ledger))
    });
    s.leave(2).await;

    s.world.await_copies(&s.follower, "closed(closed_externally) closed").await;
    assert_eq!(s.held(), Decimal::ONE, "the owner's own coin stays");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_something_else_closed_has_the_price_and_the_fee_of_the_fills_that_closed_it() {
    let look_often = |config: &mut flotilla_worker::Config| {
        config.exchange.as_mut().unwrap().stream.look_every = Duration::from_millis(700);
    };
    let mut s = Scene::with(look_often).await;
    let uid = s.uid;
    let closes = |s: &Scene, price: &str, kind: &'static str| {
        s.exchange.move_price(BTC, price);
        let close = |venue: &mut Venue| {
            venue.at_desk(HostName::Demo, uid, |desk| desk.close_slot(BTC, Slot::Long, kind))
        };
        s.exchange.with(close);
    };
    s.enter("0.01", 1).await;
    s.world.await_copies(&s.follower, "open").await;
    closes(&s, "98000", "MARKET");
    s.world.await_copies(&s.follower, "closed(closed_externally)").await;
    s.m.open("BUY|BTCUSD|98000|0.02|0|0|2").await;
    s.world.await_copies(&s.follower, "closed(closed_externally) open").await;
    closes(&s, "97000", "LIQUIDATION");
    s.world.await_copies(&s.follower, "closed(closed_externally) closed(closed_externally)").await;

    // A thousand lower each: neither an average of both, nor without what the exchange took for it.
    let legs = "select string_agg(round(average_price, -3) || ' ' || (fee > 0)::text, ', ' order by id)
        from venue_orders where follower_account_id = $1 and leg = 'external'";
    assert_eq!(s.world.text(legs, s.follower.id).await, "98000 true, 97000 true");
    let fees = "select string_agg((t.fees = v.fees)::text, ' ' order by t.id) from trades t
        join (select copy_id, sum(fee) as fees, count(*) as legs from venue_orders group by copy_id) v using (copy_id)
        where t.account_id = $1 and v.legs = 2 and v.fees > 0.0009 * t.quantity * t.exit_price";
    s.world.await_text(fees, s.follower.id, "true true").await;

    // What the exchange settled besides is kept.
    s.exchange.with(|venue| {
        venue.at_desk(HostName::Demo, uid, |desk| desk.book(BTC, "INSURANCE_CLEAR", Decimal::from(-3)))
    });
    let kept = "select coalesce(string_agg(kind || ' ' || trim_scale(amount), ''), '') from venue_income where account_id = $1";
    s.world.await_text(kept, s.follower.id, "INSURANCE_CLEAR -3").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_deleveraging_takes_of_a_copy_is_taken_by_something_else_and_not_opened_again() {
    let look_often = |config: &mut flotilla_worker::Config| {
        config.exchange.as_mut().unwrap().stream.look_every = Duration::from_millis(700);
    };
    let mut s = Scene::with(look_often).await;
    let uid = s.uid;
    let take = |s: &Scene, quantity: &str| {
        let quantity: Decimal = quantity.parse().unwrap();
        let take = |venue: &mut Venue| {
            venue.at_desk(HostName::Demo, uid, |desk| desk.deleverage(BTC, Slot::Long, quantity))
        };
        s.exchange.with(take).flatten().unwrap();
    };
    s.m.open("BUY|BTCUSD|100000|0.02|95000|0|1").await;
    s.world.await_copies(&s.follower, "open").await;
    s.exchange.move_price(BTC, "110000");

    take(&s, "0.005");
    s.world.await_copies(&s.follower, "open(closed_externally)").await;
    let lots = "select trim_scale(open_lots)::text from copy_orders where follower_account_id = $1";
    assert_eq!(s.world.text(lots, s.follower.id).await, "0.015");
    // The books are those of the exchange, and the stop guards what is left.
    s.check().await;
    take(&s, "0.015");
    s.world.await_copies(&s.follower, "closed(closed_externally)").await;

    let legs = "select string_agg(trim_scale(filled) || ' ' || trim_scale(average_price) || ' ' || (fee > 0)::text, ', ' order by id)
        from venue_orders where follower_account_id = $1 and leg = 'external'";
    assert_eq!(s.world.text(legs, s.follower.id).await, "0.005 110000 true, 0.015 110000 true");
    let trade = s.world.text(HELD, s.follower.id).await;
    assert!(trade.starts_with("BTC-USDT LONG 0.02 closed in 100"), "{trade}");
    assert!(trade.contains(" out 110000 pnl 19"), "{trade}");
    // What it realised is kept, and is in the trade once. It is read with what else was settled.
    s.exchange.with(|venue| {
        venue.at_desk(HostName::Demo, uid, |desk| desk.book(BTC, "INSURANCE_CLEAR", Decimal::from(-3)))
    });
    let kept = "select coalesce(string_agg(kind || ' ' || round(amount), ', ' order by at, kind), '')
        from venue_income where account_id = $1";
    s.world.await_text(kept, s.follower.id, "ADL 50, ADL 150, INSURANCE_CLEAR -3").await;

    // The master goes on: it closes what is gone, and its next trade is a copy of its own.
    s.leave(1).await;
    s.m.open("BUY|BTCUSD|110000|0.01|0|0|2").await;
    s.world.await_copies(&s.follower, "closed(closed_externally) open").await;
    let opened = s.exchange.with(|venue| {
        let orders = venue.ledger(HostName::Demo, uid).unwrap().orders.values();
        orders.filter(|order| order.client_id.starts_with('f') && order.kind == "MARKET").count()
    });
    assert_eq!((s.held(), opened), ("0.01".parse().unwrap(), 2));
    s.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_closed_in_part_by_hand_is_taken_from_the_newest() {
    let mut s = Scene::new().await;
    let uid = s.uid;
    s.enter("0.01", 1).await;
    s.world.await_copies(&s.follower, "open").await;
    s.enter("0.02", 2).await;
    s.world.await_copies(&s.follower, "open open").await;

    s.exchange.with(|venue| {
        venue.at_desk(HostName::Demo, uid, |desk| {
            desk.ledger.positions.get_mut(&(BTC.to_owned(), Slot::Long)).unwrap().quantity =
                "0.015".parse().unwrap();
        })
    });
    let lots = "select string_agg(trim_scale(open_lots)::text, ' ' order by id) from copy_orders where follower_account_id = $1";
    s.world.await_text(lots, s.follower.id, "0.01 0.005").await;
    // No fill shows it: that was waited for, and the owner is told.
    let told = "select coalesce(string_agg(kind || ' ' || (detail ->> 'is_gone'), ', '), '') from alerts
        where account_id = $1 and kind = 'attention'";
    assert_eq!(s.world.text(told, s.follower.id).await, "attention true");
    s.leave(1).await;
    s.world.await_copies(&s.follower, "closed open(closed_externally)").await;

    assert_eq!(s.held(), "0.005".parse().unwrap());
    s.leave(2).await;
    s.world.await_copies(&s.follower, "closed closed").await;
    assert_eq!(s.held(), Decimal::ZERO);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_position_that_is_not_listed_for_a_while_is_not_closed_for_that() {
    let wait = |config: &mut flotilla_worker::Config| {
        config.exchange.as_mut().unwrap().timing.unexplained = Duration::from_mins(1);
    };
    let mut s = Scene::with(wait).await;
    let uid = s.uid;
    s.enter("0.01", 1).await;
    s.world.await_copies(&s.follower, "open").await;

    let place = (BTC.to_owned(), Slot::Long);
    let gone = s.exchange.with(|venue| {
        venue.at_desk(HostName::Demo, uid, |desk| desk.ledger.positions.remove(&place)).flatten()
    });
    let gone = gone.expect("a position");
    tokio::time::sleep(Duration::from_secs(7)).await;
    s.world.await_copies(&s.follower, "open").await;
    s.exchange.with(|venue| {
        venue.at_desk(HostName::Demo, uid, |desk| desk.ledger.positions.insert(place.clone(), gone));
    });
    s.leave(1).await;

    s.world.await_copies(&s.follower, "closed").await;
    assert_eq!((s.held(), s.accepted()), (Decimal::ZERO, 2));
    let told = "select count(*)::text from alerts where account_id = $1 and kind = 'attention'";
    assert_eq!(s.world.text(told, s.follower.id).await, "0");
    s.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revoked_key_opens_nothing_more_and_closes_go_on_being_tried() {
    let mut s = Scene::new().await;
    let uid = s.uid;
    s.enter("0.01", 1).await;
    s.world.await_copies(&s.follower, "open").await;

    s.exchange.with(|venue| venue.account_mut(uid).unwrap().is_disabled = true);
    s.leave(1).await;
    s.world.await_copies(&s.follower, "closing").await;
    let suspended = "update exchange_keys set status = 'failed' where account_id = $1";
    s.world.sql.execute(suspended, &[&s.follower.id]).await.unwrap();
    let online = "select sockets::text from sessions where account_id = $1";
    s.world.await_text(online, s.follower.id, "0").await;
    s.exchange.with(|venue| venue.account_mut(uid).unwrap().is_disabled = false);

    // The suspension stands, and the close goes through.
    let closed = "select state from copy_orders where follower_account_id = $1";
    s.world.await_text(closed, s.follower.id, "closed").await;
    assert_eq!(s.held(), Decimal::ZERO);
    s.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_comes_after_another_goes_on_where_that_one_was() {
    let mut s = Scene::new().await;
    s.enter("0.01", 1).await;
    s.world.await_copies(&s.follower, "open").await;

    s.world.stop().await;
    s.world.run().await;
    s.await_service().await;
    s.m = s.world.master_ea(&s.master).await;
    s.leave(1).await;

    s.world.await_copies(&s.follower, "closed").await;
    assert_eq!(s.held(), Decimal::ZERO);
    s.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_whose_turn_comes_too_late_is_skipped_as_stale() {
    let mut s = Scene::with(|config| {
        config.exchange.as_mut().unwrap().orders_per_second = "0.05".parse().unwrap();
    })
    .await;
    s.world.set_max_age(&s.follower, 2).await;

    s.enter("0.01", 1).await;
    s.world.await_copies(&s.follower, "open").await;
    s.enter("0.01", 2).await;

    s.world.await_copies(&s.follower, "open skipped(stale)").await;
    assert_eq!(s.accepted(), 1);
    s.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_close_of_a_copy_that_has_no_order_is_put_off_and_counts_as_a_try() {
    let mut s = Scene::new().await;
    s.enter("0.01", 1).await;
    s.world.await_copies(&s.follower, "open").await;
    let lose = "delete from venue_orders where follower_account_id = $1";
    s.world.sql.execute(lose, &[&s.follower.id]).await.unwrap();

    s.leave(1).await;

    let tries =
        "select state || ' ' || (close_attempts > 0)::text || ' ' || coalesce(close_due_at > updated_at, false)::text
        from copy_orders where follower_account_id = $1";
    s.world.await_text(tries, s.follower.id, "closing true true").await;
    assert_eq!(s.accepted(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn flatten_closes_at_the_exchange_too() {
    let mut s = Scene::new().await;
    s.enter("0.01", 1).await;
    s.enter("0.02", 2).await;
    s.world.await_copies(&s.follower, "open open").await;

    let owner = s.follower.owner;
    s.world.sql.execute("insert into stops (owner_id, actor_id) values ($1, $1)", &[&owner]).await.unwrap();
    s.world
        .sql
        .execute(
            "insert into requests (owner_id, actor_id, kind, target_id) values ($1, $1, 'flatten', $1)",
            &[&owner],
        )
        .await
        .unwrap();

    s.world.await_copies(&s.follower, "closed closed").await;
    assert_eq!(s.held(), Decimal::ZERO);
    s.enter("0.01", 3).await;
    s.world.await_copies(&s.follower, "closed closed skipped(stopped)").await;
    s.check().await;
}
