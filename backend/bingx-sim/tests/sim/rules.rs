//! What the simulator refuses, fills and keeps account of.

use flotilla_bingx_sim::desk::Desk;
use flotilla_bingx_sim::fault::{Mishap, Rule};
use flotilla_bingx_sim::ledger::{Ledger, Slot, Status};
use flotilla_bingx_sim::limits::Allowance;
use flotilla_bingx_sim::market::{Level, Market};
use flotilla_bingx_sim::profile::{Era, LimitProfile, Profile};
use flotilla_bingx_sim::request::HostName;
use flotilla_bingx_sim::venue::cancel_all;
use rstest::rstest;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::support::{Hand, ORDER, number};

/// An order in words: `side slot type quantity`, then further `name=value`.
fn order(text: &str) -> Vec<(&str, &str)> {
    let words: Vec<&str> = text.split(' ').collect();
    let mut params = vec![
        ("symbol", "BTC-USDT"),
        ("side", words[0]),
        ("positionSide", words[1]),
        ("type", words[2]),
        ("quantity", words[3]),
    ];
    params.extend(words[4..].iter().map(|word| word.split_once('=').unwrap()));
    params
}

pub fn code(hand: &mut Hand, text: &str) -> i64 {
    hand.json("POST", ORDER, &order(text))["code"].as_i64().unwrap()
}

/// The only open position, as it is read back.
fn held_position(hand: &mut Hand) -> Value {
    hand.json("GET", "/openApi/swap/v2/user/positions", &[])["data"][0].take()
}

pub fn ledger(hand: &Hand) -> &Ledger {
    hand.venue.ledger(hand.host, hand.uid).unwrap()
}

#[rstest]
#[case::below_the_quantity("BUY LONG MARKET 0.00009", 110_422)]
#[case::below_the_value("BUY LONG LIMIT 0.0001 price=10000", 110_425)]
#[case::outside_the_band("BUY LONG LIMIT 0.01 price=50000", 101_211)]
#[case::too_much_value("BUY LONG MARKET 1000", 101_209)]
#[case::too_little_margin("BUY LONG MARKET 100", 101_204)]
#[case::nothing_to_close("SELL LONG MARKET 0.01", 101_205)]
#[case::stop_of_nothing("SELL LONG STOP_MARKET 0.01 stopPrice=100000", 109_420)]
#[case::post_only_that_takes("BUY LONG LIMIT 0.01 price=110000 timeInForce=PostOnly", 101_215)]
#[case::bare_stop("BUY LONG MARKET 0.01 stopLoss=19000", 80_014)]
#[case::wrong_mode("BUY BOTH MARKET 0.01", 109_400)]
#[case::no_price("BUY LONG LIMIT 0.01", 109_414)]
#[case::long_name("BUY LONG MARKET 0.01 clientOrderId=a123456789a123456789a123456789a123456789x", 80_014)]
#[case::stop_above_a_long(
    r#"BUY LONG MARKET 0.01 stopLoss={"type":"STOP_MARKET","stopPrice":120000,"workingType":"MARK_PRICE"}"#,
    110_411
)]
#[case::target_above_a_short(
    r#"SELL SHORT MARKET 0.01 takeProfit={"type":"TAKE_PROFIT_MARKET","stopPrice":120000,"workingType":"MARK_PRICE"}"#,
    110_414
)]
#[case::stop_below_a_short(
    r#"SELL SHORT MARKET 0.01 stopLoss={"type":"STOP_MARKET","stopPrice":100000,"workingType":"MARK_PRICE"}"#,
    110_412
)]
#[case::target_below_a_long(
    r#"BUY LONG MARKET 0.01 takeProfit={"type":"TAKE_PROFIT_MARKET","stopPrice":100000,"workingType":"MARK_PRICE"}"#,
    110_413
)]
#[case::too_many_coins("BUY LONG MARKET 1000001", 101_419)]
#[case::close_of_no_position("SELL LONG MARKET 0.01 closePosition=true", 101_290)]
fn an_order_against_the_rules_is_refused_with_its_code(#[case] text: &str, #[case] expected: i64) {
    let mut hand = Hand::new();
    assert_eq!(code(&mut hand, text), expected);
    assert_eq!(hand.orders(), 0);
}

#[rstest]
#[case::paused(|market: &mut Market| market.api_open = false, 109_415, 0)]
#[case::suspended(|market: &mut Market| market.last = Decimal::ZERO, 101_415, 101_415)]
fn a_contract_that_is_not_traded_opens_nothing(
    #[case] stop: fn(&mut Market),
    #[case] opening: i64,
    #[case] closing: i64,
) {
    let mut hand = Hand::new();
    assert_eq!(code(&mut hand, "BUY LONG MARKET 0.02"), 0);
    stop(hand.venue.market_mut(HostName::Live, "BTC-USDT").unwrap());
    assert_eq!(code(&mut hand, "BUY LONG MARKET 0.01"), opening);
    assert_eq!(code(&mut hand, "SELL LONG MARKET 0.01"), closing);
}

#[rstest]
#[case::an_order(Era::Y2025, "BUY LONG LIMIT 0.01 price=100000", 109_401)]
#[case::a_position(Era::Y2026, "BUY LONG MARKET 0.01", 104_103)]
fn what_is_open_keeps_the_position_mode_and_the_margin_type(
    #[case] era: Era,
    #[case] entry: &str,
    #[case] expected: i64,
) {
    let mut hand = Hand::new();
    hand.venue.profile.era = era;
    let switch = |hand: &mut Hand| {
        let mode = [("dualSidePosition", "false")];
        let margin = [("symbol", "BTC-USDT"), ("marginType", "ISOLATED")];
        let mut code =
            |path: &str, params: &[(&str, &str)]| hand.json("POST", path, params)["code"].as_i64().unwrap();
        let of_mode = code("/openApi/swap/v1/positionSide/dual", &mode);
        [of_mode, code("/openApi/swap/v2/trade/marginType", &margin)]
    };
    assert_eq!(code(&mut hand, entry), 0);

    assert_eq!(switch(&mut hand), [expected, 109_400]);
    hand.venue.at_desk(HostName::Live, hand.uid, |desk| {
        cancel_all(desk, |_| true);
        desk.close_slot("BTC-USDT", Slot::Long, "MARKET");
    });

    assert_eq!(switch(&mut hand), [0, 0]);
    assert!(!ledger(&hand).is_hedge);
    assert_eq!(ledger(&hand).margin_type["BTC-USDT"], "ISOLATED");
}

#[test]
fn the_gate_refuses_in_its_order() {
    let mut hand = Hand::new();
    let path = "/openApi/swap/v3/user/balance";
    let late = (hand.now_ms - 60_000).to_string();
    let signature = flotilla_bingx_sim::request::sign("secret", &format!("timestamp={late}"));
    assert!(hand.send_query("GET", path, "timestamp=1").1.contains("100412"));
    assert!(
        hand.send_query("GET", path, &format!("timestamp={late}&signature={signature}")).1.contains("100421")
    );
    hand.venue.account_mut(hand.uid).unwrap().ips = vec!["203.0.113.7".to_owned()];
    assert!(hand.send("GET", path, &[]).1.contains("100419"));
    hand.venue.account_mut(hand.uid).unwrap().ips.clear();
    hand.venue.account_mut(hand.uid).unwrap().permissions = [1].into();
    assert!(hand.send("GET", path, &[]).1.contains("100004"));
    hand.venue.account_mut(hand.uid).unwrap().is_disabled = true;
    assert!(hand.send("GET", path, &[]).1.contains("100413"));
    assert_eq!(hand.send("GET", "/openApi/swap/v9/nothing", &[]).0, 404);
    assert_eq!(hand.send("DELETE", path, &[]).0, 405);
}

#[test]
fn who_goes_on_after_a_limit_is_banned() {
    let mut hand = Hand::new();
    let status = |hand: &mut Hand| {
        hand.now_ms -= 250;
        hand.send("GET", "/openApi/swap/v2/server/time", &[]).0
    };
    let answers: Vec<u16> = (0..540).map(|_| status(&mut hand)).collect();
    assert_eq!(answers.iter().filter(|status| **status == 200).count(), 500);
    assert_eq!(answers[500], 429);
    assert_eq!(answers[539], 418);
    hand.now_ms += 700_000;
    assert_eq!(status(&mut hand), 200);
}

#[test]
fn every_answer_says_what_is_left_of_a_limit() {
    let mut hand = Hand::new();
    let path = "/openApi/swap/v3/user/balance";
    let began = hand.now_ms + 250;
    for left in [299, 298, 297] {
        let until_ms = began + 10_000;
        assert_eq!(hand.allowance(path), Some(Allowance { remaining: left, until_ms }));
    }
    assert_eq!(hand.allowance("/openApi/swap/v2/server/time").unwrap().remaining, 499);

    hand.venue.profile.limits = LimitProfile::Strict;
    assert_eq!(hand.allowance(path).map(|allowance| allowance.remaining), Some(1));
    let full = hand.allowance(path).unwrap();
    assert_eq!((full.remaining, full.until_ms), (0, hand.now_ms + 750));
    let closed = hand.allowance(path).unwrap();
    assert_eq!((closed.remaining, closed.until_ms), (0, hand.now_ms + 300_000));

    hand.venue.profile.limits = LimitProfile::Off;
    assert_eq!(hand.allowance(path), None);
}

#[test]
fn a_price_that_gaps_through_a_stop_fills_at_the_next_one() {
    let mut hand = Hand::new();
    let entry = r#"BUY LONG MARKET 0.1 stopLoss={"type":"STOP_MARKET","stopPrice":108000,"workingType":"MARK_PRICE"} takeProfit={"type":"TAKE_PROFIT_MARKET","stopPrice":112000,"workingType":"MARK_PRICE"}"#;
    assert_eq!(code(&mut hand, entry), 0);
    assert_eq!(ledger(&hand).orders.values().filter(|order| order.status.is_open()).count(), 2);

    hand.venue.move_price(HostName::Live, "BTC-USDT", number("103000"));

    let stop = ledger(&hand).orders.values().find(|order| order.kind == "STOP_MARKET").unwrap();
    assert_eq!((stop.status, stop.average()), (Status::Filled, number("102999.9")));
    assert!(ledger(&hand).is_flat(), "the target goes with the position");
    assert_eq!(hand.venue.faults_of_books(), Vec::<String>::new());
}

#[test]
fn a_thin_book_fills_in_parts_and_drops_the_rest() {
    let mut hand = Hand::new();
    let market = hand.venue.market_mut(HostName::Live, "BTC-USDT").unwrap();
    let level = |price: &str, quantity: &str| Level { price: number(price), quantity: number(quantity) };
    market.asks = vec![level("109000", "0.01"), level("109010", "0.02")];

    assert_eq!(code(&mut hand, "BUY LONG MARKET 0.05 clientOrderId=a1"), 0);

    let order = ledger(&hand).orders.values().next().unwrap();
    assert_eq!((order.status, order.filled), (Status::Expired, number("0.03")));
    assert_eq!((hand.held(), ledger(&hand).fills.len()), (number("0.03"), 2));
    assert_eq!(hand.venue.faults_of_books(), Vec::<String>::new());
}

#[test]
fn what_may_not_rest_takes_what_is_there_or_nothing() {
    let mut hand = Hand::new();
    let market = hand.venue.market_mut(HostName::Live, "BTC-USDT").unwrap();
    let level = |price: &str, quantity: &str| Level { price: number(price), quantity: number(quantity) };
    market.asks = vec![level("109000", "0.01"), level("109010", "0.02")];

    for order in [
        "BUY LONG LIMIT 0.05 price=109010 timeInForce=FOK",
        "BUY LONG LIMIT 0.05 price=109005 timeInForce=IOC",
        "BUY LONG LIMIT 0.02 price=109010 timeInForce=FOK",
    ] {
        assert_eq!(code(&mut hand, order), 0, "{order}");
    }

    let ends: Vec<_> = ledger(&hand).orders.values().map(|order| (order.status, order.filled)).collect();
    let expected = [(Status::Cancelled, "0"), (Status::Cancelled, "0.01"), (Status::Filled, "0.02")];
    assert_eq!(ends, expected.map(|(status, filled)| (status, number(filled))));
    assert_eq!(hand.venue.faults_of_books(), Vec::<String>::new());
}

#[test]
fn money_adds_up_over_profit_fees_and_funding_at_any_leverage() {
    let ends: Vec<Decimal> = [1, 50]
        .into_iter()
        .map(|leverage| {
            let mut hand = Hand::new();
            let set = hand.json(
                "POST",
                "/openApi/swap/v2/trade/leverage",
                &[("symbol", "BTC-USDT"), ("side", "LONG"), ("leverage", &i64::to_string(&leverage))],
            );
            assert_eq!(set["code"], 0);
            assert_eq!(code(&mut hand, "BUY LONG MARKET 0.05"), 0);
            hand.now_ms += 9 * 3_600_000;
            hand.venue.advance(hand.now_ms);
            assert!(ledger(&hand).funding < Decimal::ZERO);
            hand.venue.move_price(HostName::Live, "BTC-USDT", number("110000"));
            assert_eq!(code(&mut hand, "SELL LONG MARKET 0.05"), 0);
            assert_eq!(hand.venue.faults_of_books(), Vec::<String>::new());
            ledger(&hand).balance
        })
        .collect();
    assert_eq!(ends[0], ends[1]);
}

#[test]
fn the_rate_of_a_funding_is_told_with_its_time() {
    let mut hand = Hand::new();
    hand.venue.profile.funding_ppm = 250;
    hand.open_long("0.05", "a1");
    hand.now_ms += 9 * 3_600_000;

    let now = hand.json("GET", "/openApi/swap/v2/quote/premiumIndex", &[("symbol", "BTC-USDT")]);
    let last_two = [("symbol", "BTC-USDT"), ("limit", "2")];
    let past = hand.json("GET", "/openApi/swap/v2/quote/fundingRate", &last_two);

    assert_eq!(now["data"]["lastFundingRate"], "0.00025000");
    let row =
        |rate: &str, time: i64| json!({ "symbol": "BTC-USDT", "fundingRate": rate, "fundingTime": time });
    let rows = [row("0.00025000", 1_790_006_400_000), row("0.00010000", 1_789_977_600_000)];
    assert_eq!(past["data"], json!(rows));
    assert_eq!(ledger(&hand).funding, number("-1.3625"));
}

#[rstest]
#[case::falling_into_a_lower_tier("BUY LONG MARKET 1.4", "0.0618", "0.000001")]
#[case::rising_into_a_higher_tier("SELL SHORT MARKET 1.35", "0.0593", "-0.000001")]
fn who_has_too_little_is_liquidated(#[case] entry: &str, #[case] risk: &str, #[case] not_yet: &str) {
    let mut hand = Hand::new();
    hand.venue.at_desk(HostName::Live, hand.uid, |desk| {
        desk.ledger.leverage.insert("BTC-USDT".to_owned(), (100, 100))
    });
    assert_eq!(code(&mut hand, entry), 0);
    let position = held_position(&mut hand);
    assert_eq!(position["riskRate"], risk);
    let price = number(&position["liquidationPrice"].to_string());

    hand.venue.move_price(HostName::Live, "BTC-USDT", price + number(not_yet));
    assert_eq!(held_position(&mut hand)["riskRate"], "1.0000");
    hand.venue.move_price(HostName::Live, "BTC-USDT", price);

    assert!(ledger(&hand).positions.is_empty());
    assert!(ledger(&hand).orders.values().any(|order| order.kind == "LIQUIDATION"));
    assert_eq!(hand.venue.faults_of_books(), Vec::<String>::new());
}

#[test]
fn a_position_says_what_is_free_to_close_and_that_no_price_takes_it() {
    let mut hand = Hand::new();
    hand.open_long("0.09", "a1");
    assert_eq!(code(&mut hand, "SELL LONG LIMIT 0.04 price=115000"), 0);

    let position = held_position(&mut hand);
    let is =
        [("positionAmt", json!("0.09")), ("availableAmt", json!("0.05")), ("liquidationPrice", json!(0))];
    for (name, value) in is {
        assert_eq!(position[name], value, "{name}");
    }
    assert_eq!(code(&mut hand, "SELL LONG MARKET 0.0501"), 110_203);
    assert_eq!(code(&mut hand, "SELL LONG MARKET 0.05"), 0);
}

#[test]
fn leverage_is_bound_by_the_value_of_the_position() {
    let mut hand = Hand::new();
    let set = |hand: &mut Hand, leverage: &str| {
        let params = [("symbol", "BTC-USDT"), ("side", "LONG"), ("leverage", leverage)];
        hand.json("POST", "/openApi/swap/v2/trade/leverage", &params)["code"].as_i64().unwrap()
    };
    assert_eq!(set(&mut hand, "126"), 101_414);
    assert_eq!(set(&mut hand, "125"), 0);
    assert_eq!(code(&mut hand, "BUY LONG MARKET 1.3"), 0);

    let refused = hand.json("POST", ORDER, &order("BUY LONG MARKET 0.1"));
    assert_eq!(refused["code"], 101_209);
    assert_eq!(refused["msg"], "The maximum position value for this leverage is 150000 USDT.");
    assert_eq!(set(&mut hand, "100"), 0);
    assert_eq!(code(&mut hand, "BUY LONG MARKET 0.1"), 0);
    assert_eq!(set(&mut hand, "101"), 101_414);

    let tiers = hand.json("GET", "/openApi/swap/v1/maintMarginRatio", &[("symbol", "BTC-USDT")]);
    let second = &tiers["data"][1];
    let is = [("minPositionVal", "150000"), ("maxPositionVal", "900000"), ("maintMarginRatio", "0.005000")];
    for (name, value) in is.into_iter().chain([("maintAmount", "150.000000")]) {
        assert_eq!(second[name], value, "{name}");
    }
}

#[test]
fn a_deleveraging_takes_of_a_position_at_the_mark_price_and_is_told() {
    let mut hand = Hand::new();
    hand.json("POST", "/openApi/user/auth/userDataStream", &[]);
    let entry = r#"BUY LONG MARKET 0.1 stopLoss={"type":"STOP_MARKET","stopPrice":100000,"workingType":"MARK_PRICE"}"#;
    assert_eq!(code(&mut hand, entry), 0);
    hand.venue.move_price(HostName::Live, "BTC-USDT", number("120000"));
    hand.venue.pushes.clear();
    let uid = hand.uid;
    let take = |hand: &mut Hand, quantity: Decimal| {
        let act = |desk: &mut Desk<'_>| desk.deleverage("BTC-USDT", Slot::Long, quantity);
        hand.venue.at_desk(HostName::Live, uid, act).flatten().unwrap()
    };

    let id = take(&mut hand, number("0.04"));

    assert_eq!(hand.held(), number("0.06"));
    let taken = ledger(&hand).orders.get(&id).unwrap();
    assert_eq!((taken.kind.as_str(), taken.client_id.as_str(), taken.status), ("ADL", "", Status::Filled));
    assert_eq!(taken.average(), number("120000"));
    let row = ledger(&hand).income.last().unwrap();
    assert_eq!((row.kind, row.amount), ("ADL", number("439.996")));
    let told: Vec<&str> = hand.venue.pushes.iter().map(|push| push.text.as_str()).collect();
    assert!(
        told[1].contains(r#""o":"ADL""#) && told[1].contains(r#""x":"CALCULATED","X":"FILLED""#),
        "{told:?}"
    );
    assert!(told[2].contains(r#""pa":"0.06000000""#), "{told:?}");
    let forced = |hand: &mut Hand, kind: &str| {
        let params = [("symbol", "BTC-USDT"), ("autoCloseType", kind)];
        let list = hand.json("GET", "/openApi/swap/v2/trade/forceOrders", &params);
        list["data"]["orders"].as_array().unwrap().len()
    };
    assert_eq!((forced(&mut hand, "ADL"), forced(&mut hand, "LIQUIDATION")), (1, 0));

    take(&mut hand, Decimal::MAX);
    assert!(ledger(&hand).is_flat(), "its stop goes with the position");
    assert_eq!(hand.venue.faults_of_books(), Vec::<String>::new());
}

#[test]
fn a_bad_leg_of_a_batch_makes_an_error_and_the_good_ones_are_there() {
    let mut hand = Hand::new();
    let legs = r#"[{"symbol":"BTC-USDT","side":"BUY","positionSide":"LONG","type":"MARKET","quantity":0.01},
        {"symbol":"BTC-USDT","side":"BUY","positionSide":"LONG","type":"MARKET","quantity":500}]"#;
    let answer = hand.json("POST", "/openApi/swap/v2/trade/batchOrders", &[("batchOrders", legs)]);
    assert_eq!((answer["code"].as_i64(), hand.held()), (Some(109_400), number("0.01")));
}

#[test]
fn a_dead_mans_switch_cancels_and_the_demo_host_leaves_attached_exits() {
    let mut hand = Hand::new();
    assert_eq!(code(&mut hand, "BUY LONG LIMIT 0.01 price=100000"), 0);
    let switch = [("type", "ACTIVATE"), ("timeOut", "10")];
    assert_eq!(hand.json("POST", "/openApi/swap/v2/trade/cancelAllAfter", &switch)["code"], 0);
    hand.now_ms += 11_000;
    hand.venue.advance(hand.now_ms);
    assert!(ledger(&hand).is_flat());

    hand.host = HostName::Demo;
    let entry = r#"BUY LONG MARKET 0.1 stopLoss={"type":"STOP_MARKET","stopPrice":108000,"workingType":"MARK_PRICE"}"#;
    assert_eq!(code(&mut hand, entry), 0);
    hand.json("DELETE", "/openApi/swap/v2/trade/allOpenOrders", &[("symbol", "BTC-USDT")]);
    assert_eq!(ledger(&hand).orders.values().filter(|order| order.status.is_open()).count(), 1);
}

#[test]
fn a_cancel_has_its_answers() {
    let mut hand = Hand::new();
    hand.open_long("0.01", "filled1");
    assert_eq!(code(&mut hand, "BUY LONG LIMIT 0.01 price=100000 clientOrderId=rests1"), 0);
    let cancel = |hand: &mut Hand, name: &str| {
        hand.json("DELETE", ORDER, &[("symbol", "BTC-USDT"), ("clientOrderId", name)])["code"]
            .as_i64()
            .unwrap()
    };
    assert_eq!(cancel(&mut hand, "filled1"), 109_422);
    assert_eq!(cancel(&mut hand, "rests1"), 0);
    assert_eq!(cancel(&mut hand, "rests1"), 109_201);
    assert_eq!(cancel(&mut hand, "nobody1"), 109_421);
}

#[test]
fn a_market_that_shows_zero_pulls_no_trigger() {
    let mut hand = Hand::new();
    hand.open_long("0.1", "a1");
    assert_eq!(code(&mut hand, "SELL LONG STOP_MARKET 0.1 stopPrice=108000 workingType=CONTRACT_PRICE"), 0);
    let market = hand.venue.market_mut(HostName::Live, "BTC-USDT").unwrap();
    market.last = Decimal::ZERO;
    hand.venue.settle(HostName::Live, "BTC-USDT");
    assert_eq!(hand.held(), number("0.1"));
}

#[test]
fn hidden_orders_show_up_and_lost_exits_do_not() {
    let mut hand = Hand::new();
    hand.venue
        .faults
        .add(Rule::of(Mishap::Hide { ms: 3_000, lost: false }).on("POST", "/trade/order").times(1));
    hand.open_long("0.01", "a1");
    let ask = [("symbol", "BTC-USDT"), ("clientOrderId", "a1")];
    assert_eq!(hand.json("GET", ORDER, &ask)["code"], 109_421);
    hand.now_ms += 3_000;
    assert_eq!(hand.json("GET", ORDER, &ask)["code"], 0);

    hand.venue.faults.add(Rule::of(Mishap::LoseExits).on("POST", "/trade/order").times(1));
    let entry = r#"BUY LONG MARKET 0.1 stopLoss={"type":"STOP_MARKET","stopPrice":108000,"workingType":"MARK_PRICE"}"#;
    assert_eq!(code(&mut hand, entry), 0);
    assert!(!ledger(&hand).orders.values().any(|order| order.kind == "STOP_MARKET"));
    assert!(ledger(&hand).positions.contains_key(&("BTC-USDT".to_owned(), Slot::Long)));
}

#[rstest]
#[case(Era::Y2023, [80_017, 109_400, 80_018])]
#[case(Era::Y2024, [80_017, 109_400, 80_018])]
#[case(Era::Y2025, [109_420, 109_400, 109_422])]
#[case(Era::Y2026, [109_420, 109_414, 109_422])]
fn codes_are_those_of_their_time(#[case] era: Era, #[case] codes: [i64; 3]) {
    let [no_position, mode, is_filled] = codes;
    let mut hand = Hand::new();
    hand.venue.profile = Profile { era, ..Profile::default() };
    assert_eq!(code(&mut hand, "SELL LONG STOP_MARKET 0.01 stopPrice=100000"), no_position);
    assert_eq!(code(&mut hand, "BUY BOTH MARKET 0.01"), mode);
    hand.open_long("0.01", "filled1");
    let cancel = [("symbol", "BTC-USDT"), ("clientOrderId", "filled1")];
    assert_eq!(hand.json("DELETE", ORDER, &cancel)["code"], is_filled);
}
