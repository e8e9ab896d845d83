//! Our client and each of the twelve traps. Clients that step into them are in `wrong.rs`.

use crate::support::{Desk, btc, exit, market, number, soon, terms};
use flotilla_bingx_sim::fault::{Mishap, Rule};
use flotilla_bingx_sim::profile::{Candles, Profile};
use flotilla_bingx_sim::request::HostName;
use flotilla_exchange::bingx::Found;
use flotilla_exchange::bingx::endpoint::Environment;
use flotilla_exchange::bingx::error::ErrorClass;
use flotilla_exchange::bingx::id::{ClientOrderId, Symbol};
use flotilla_exchange::bingx::model::{Direction, PositionMode};
use flotilla_exchange::bingx::order::{NewOrder, OrderRef, Terms};
use flotilla_exchange::bingx::quotes::{CandleFault, Interval, Stretch, finished};
use flotilla_exchange::outcome::{Doubt, NotSent, OrderFault, Outcome};
use rust_decimal::Decimal;

#[tokio::test(start_paused = true)]
async fn trap_1_encoded_values_are_sent_and_raw_ones_signed() {
    let desk = Desk::new();
    let contract = desk.contract().await;
    let order = NewOrder { stop_loss: Some(exit("105000")), ..market("f1", Direction::Long, true, "0.01") };
    assert!(desk.live.place(&order, terms(&contract), soon()).await.accepted().is_some());
    assert_eq!(desk.live.open_orders(Some(&btc()), soon()).await.unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn trap_2_a_refusal_comes_with_status_200() {
    let desk = Desk::new();
    let contract = desk.contract().await;
    let outcome =
        desk.live.place(&market("f1", Direction::Long, true, "100"), terms(&contract), soon()).await;
    assert!(matches!(outcome, Outcome::Refused(error) if error.class == ErrorClass::Margin));
}

#[tokio::test(start_paused = true)]
async fn trap_3_an_order_id_does_not_fit_a_float() {
    let desk = Desk::new();
    let contract = desk.contract().await;
    let placed =
        desk.live.place(&market("f1", Direction::Long, true, "0.01"), terms(&contract), soon()).await;
    let id = placed.accepted().unwrap().id;
    let found = desk.live.order(&btc(), &OrderRef::Venue(id.clone()), soon()).await.unwrap();
    assert_eq!(found.map(|order| order.id), Some(id));
}

#[tokio::test(start_paused = true)]
async fn trap_4_the_newest_candle_comes_first_and_is_not_finished() {
    let desk = Desk::new();
    let now_ms = desk.net.now_ms();
    let symbol = btc();
    let wanted = |interval, from_ms| Stretch { symbol: &symbol, interval, from_ms, until_ms: now_ms };
    let read =
        async |wanted| desk.bingx.candles(Environment::Live, "198.51.100.1", wanted, soon()).await.unwrap();
    let minutes = async |candles: Candles| {
        desk.net.with(|venue| venue.profile = Profile { candles, ..Profile::default() });
        finished(read(wanted(Interval::Minute, 0)).await, 60_000, now_ms)
    };
    let candles = minutes(Candles::NewestFirst).await.unwrap();
    assert_eq!(minutes(Candles::OldestFirst).await, Ok(candles.clone()));
    assert_eq!(minutes(Candles::Gap).await, Err(CandleFault::Gap));
    assert_eq!(minutes(Candles::Twice).await, Err(CandleFault::Twice));
    let last = candles.last().unwrap();
    assert!(last.time + 60_000 <= now_ms && last.time + 120_000 > now_ms);

    // Of a stretch, and of five minutes each.
    desk.net.with(|venue| venue.profile = Profile::default());
    let from_ms = now_ms - 30 * 60_000;
    let part = read(wanted(Interval::FiveMinutes, from_ms)).await;
    assert!((5..=7).contains(&part.len()) && part.iter().all(|candle| candle.time >= from_ms));
    assert!(part.iter().all(|candle| candle.time % 300_000 == 0));
}

#[tokio::test(start_paused = true)]
async fn trap_5_a_client_id_is_lower_cased_and_never_free_again() {
    let desk = Desk::new();
    let contract = desk.contract().await;
    let order = market("f1", Direction::Long, true, "0.01");
    let first = desk.live.place(&order, terms(&contract), soon()).await.accepted().unwrap();
    let again = desk.live.place(&order, terms(&contract), soon()).await;
    assert_eq!(again, Outcome::Unknown(Doubt::AlreadyThere));
    let found = desk.live.find_out(&btc(), &order.client_id, desk.net.now_ms(), soon()).await.unwrap();
    assert!(matches!(found, Found::Order(order) if order.id == first.id));
    assert!(ClientOrderId::new("MyOrder1").is_err());
}

#[tokio::test(start_paused = true)]
async fn trap_6_decimals_too_many_are_cut_in_silence() {
    let desk = Desk::new();
    let contract = desk.contract().await;
    let outcome =
        desk.live.place(&market("f1", Direction::Long, true, "0.01239"), terms(&contract), soon()).await;
    assert_eq!(outcome, Outcome::NotSent(NotSent::Order(OrderFault::Decimals)));
}

#[tokio::test(start_paused = true)]
async fn trap_7_the_mode_is_the_whole_accounts_and_reduce_only_is_not_for_hedge() {
    for mode in [PositionMode::Hedge, PositionMode::OneWay] {
        let desk = Desk::new();
        let contract = desk.contract().await;
        desk.net.with(|venue| {
            venue.at_desk(HostName::Live, desk.uid, |desk| desk.ledger.is_hedge = mode == PositionMode::Hedge)
        });
        assert_eq!(desk.live.position_mode(soon()).await, Ok(mode));
        let terms = Terms { mode, contract: &contract, last_price: None };
        for (name, opens) in [("f1", true), ("f2", false)] {
            let outcome =
                desk.live.place(&market(name, Direction::Short, opens, "0.01"), terms, soon()).await;
            assert!(outcome.accepted().is_some());
        }
        assert_eq!(desk.held(HostName::Live), Decimal::ZERO);
    }
}

#[tokio::test(start_paused = true)]
async fn trap_8_one_key_opens_both_hosts() {
    let desk = Desk::new();
    let contract = desk.contract().await;
    let outcome =
        desk.demo.place(&market("f1", Direction::Long, true, "0.01"), terms(&contract), soon()).await;
    assert!(outcome.accepted().is_some());
    assert_eq!((desk.held(HostName::Demo), desk.held(HostName::Live)), (number("0.01"), Decimal::ZERO));
    assert_eq!(desk.demo.balances(soon()).await.unwrap().margin().unwrap().asset, "VST");
}

#[tokio::test(start_paused = true)]
async fn trap_9_no_answer_is_not_no_order() {
    for mishap in [
        Mishap::StatusAfter { status: 504 },
        Mishap::DropAfter,
        Mishap::HalfBody,
        Mishap::Slow { ms: 60_000 },
        Mishap::Hide { ms: 9_000, lost: true },
    ] {
        let desk = Desk::new();
        let contract = desk.contract().await;
        desk.net.with(|venue| {
            venue.faults.add(Rule::of(mishap.clone()).on("POST", "/trade/order").times(1));
            venue.faults.add(
                Rule::of(Mishap::Refuse { code: 80_016, text: "order not exist".to_owned() })
                    .on("GET", "/trade/order")
                    .times(2),
            );
        });
        let sent_at = desk.net.now_ms();
        let order = market("f1", Direction::Long, true, "0.01");
        let outcome = desk.live.place(&order, terms(&contract), soon()).await;
        assert!(matches!(outcome, Outcome::Unknown(_)), "{mishap:?}: {outcome:?}");
        let found = desk.live.find_out(&btc(), &order.client_id, sent_at, soon()).await.unwrap();
        assert!(matches!(found, Found::Order(_)), "{mishap:?}");
        assert_eq!(desk.held(HostName::Live), number("0.01"));
    }
}

#[tokio::test(start_paused = true)]
async fn trap_10_filled_tm_is_eight_hours_ahead() {
    let desk = Desk::new();
    let contract = desk.contract().await;
    let placed =
        desk.live.place(&market("f1", Direction::Long, true, "0.01"), terms(&contract), soon()).await;
    let now = desk.net.now_ms();
    let fills = desk.live.fills(None, now - 60_000, now + 60_000, soon()).await.unwrap();
    let fill = fills.first().unwrap();
    assert!((fill.filled_at_ms - now).abs() < 2_000);
    assert_eq!((&fill.id.order, fill.quantity), (&placed.accepted().unwrap().id, number("0.01")));
}

#[tokio::test(start_paused = true)]
async fn trap_11_the_best_ask_is_the_last() {
    let desk = Desk::new();
    let depth = desk.bingx.depth(Environment::Live, "198.51.100.1", &btc()).await.unwrap();
    let best = depth.asks.first().unwrap().price;
    assert!(depth.asks.len() == 5 && depth.asks.iter().all(|level| level.price >= best));
    assert!(depth.bids.first().unwrap().price < best);
}

#[test]
fn trap_12_a_value_can_be_further_parameters() {
    let typed = "x1&quantity=0.05";
    assert!(ClientOrderId::new(typed).is_err());
    assert!(Symbol::new("BTC-USDT&quantity=0.05").is_err());
    assert!(Symbol::listed("BTC-USDT&quantity=0.05").is_err());
}
