//! Several orders or positions in one request.

use flotilla_bingx_sim::ledger::Slot;
use serde_json::json;

use crate::rules::{code, ledger};
use crate::support::{Hand, number};

#[test]
fn lists_have_a_most_and_each_order_of_one_has_its_own_answer() {
    let mut hand = Hand::new();
    let path = "/openApi/swap/v2/trade/batchOrders";
    let place = |hand: &mut Hand, count: usize| {
        let leg = r#"{"symbol":"BTC-USDT","side":"BUY","positionSide":"LONG","type":"LIMIT","price":100000,"quantity":0.01}"#;
        hand.json("POST", path, &[("batchOrders", &format!("[{}]", vec![leg; count].join(",")))])
    };
    assert_eq!(place(&mut hand, 6)["code"], 109_414);
    assert_eq!((place(&mut hand, 5)["code"].as_i64(), hand.orders()), (Some(0), 5));

    let resting: Vec<String> = ledger(&hand).orders.keys().map(u64::to_string).collect();
    let cancel = |hand: &mut Hand, ids: &[String]| {
        hand.json("DELETE", path, &[("symbol", "BTC-USDT"), ("orderIdList", &format!("[{}]", ids.join(",")))])
    };
    assert_eq!(cancel(&mut hand, &vec!["1".to_owned(); 11])["code"], 109_414);
    let answer = cancel(&mut hand, &[resting[0].clone(), "1".to_owned(), resting[4].clone()]);
    assert_eq!(answer["data"]["success"].as_array().map(Vec::len), Some(2));
    assert_eq!(answer["data"]["failed"][0]["errorCode"], 109_421);
    assert_eq!(ledger(&hand).orders.values().filter(|order| order.status.is_open()).count(), 3);
}

#[test]
fn positions_are_closed_by_their_name_and_all_at_once() {
    let mut hand = Hand::new();
    hand.open_long("0.02", "a1");
    assert_eq!(code(&mut hand, "SELL SHORT MARKET 0.01"), 0);
    for (exit, again) in [
        ("STOP_MARKET 0.02 stopPrice=100000", 110_406),
        ("TAKE_PROFIT_MARKET 0.02 stopPrice=120000", 110_407),
    ] {
        let order = format!("SELL LONG {exit} closePosition=true");
        assert_eq!((code(&mut hand, &order), code(&mut hand, &order)), (0, again));
    }

    let id = ledger(&hand).positions[&("BTC-USDT".to_owned(), Slot::Long)].id.to_string();
    let close =
        |hand: &mut Hand| hand.json("POST", "/openApi/swap/v1/trade/closePosition", &[("positionId", &id)]);
    let closed = close(&mut hand);
    assert_eq!(
        (&closed["data"]["positionSide"], &closed["data"]["origQty"]),
        (&json!("LONG"), &json!("0.02"))
    );
    assert_eq!((close(&mut hand)["code"].as_i64(), hand.held()), (Some(109_420), number("0.01")));
    hand.open_long("0.03", "a2");
    let all = hand.json("POST", "/openApi/swap/v2/trade/closeAllPositions", &[]);
    assert_eq!(all["data"]["success"].as_array().map(Vec::len), Some(2));
    assert!(ledger(&hand).is_flat(), "stop and target go with their position");
    assert_eq!(hand.venue.faults_of_books(), Vec::<String>::new());
}
