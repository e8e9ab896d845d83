//! The twelve traps as a table: for each at least one small client with a fault that is common.
//!
//! The client must come to harm here, and the same one without its fault must not. A fault that does no harm means that
//! the simulator is too kind.

use std::collections::BTreeSet;

use flotilla_bingx_sim::fault::{Mishap, Rule};
use flotilla_bingx_sim::profile::{Era, Profile};
use flotilla_bingx_sim::request::{HostName, sign};
use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::Value;

use crate::support::{Hand, ORDER, encoded, number};

/// A client at its task, with its fault or without. An error says what harm came of it.
type Client = fn(&mut Hand, bool) -> Result<(), String>;

const TABLE: &[(u8, &str, Client)] = &[
    (1, "signs the encoded values", signs_encoded_values),
    (1, "writes a space as a plus", writes_a_space_as_a_plus),
    (2, "takes status 200 for an order", looks_at_the_status_only),
    (3, "reads order ids as floats", reads_ids_as_floats),
    (4, "takes the first candle for the last closed one", takes_the_first_candle),
    (5, "compares its order ids letter by letter", compares_letters),
    (5, "uses an id again after a cancel", uses_an_id_again),
    (6, "believes in the decimals that it sent", believes_in_its_decimals),
    (7, "sends reduceOnly in hedge mode", sends_reduce_only),
    (7, "names no side in hedge mode", names_no_side),
    (7, "switches the account to the mode it likes", switches_the_mode),
    (8, "chooses the host by the key", chooses_the_host_by_the_key),
    (9, "sends again under a new id after no answer", sends_again_after_no_answer),
    (9, "believes the first answer that there is no order", believes_the_first_look),
    (9, "takes a repeated id for a refused order", takes_a_repeated_id_for_a_refusal),
    (10, "believes the Z of filledTm", believes_the_z),
    (11, "takes the first ask for the best", takes_the_first_ask),
    (11, "takes the last trade of the list for the latest", takes_the_last_trade),
    (12, "sends what somebody typed", sends_what_was_typed),
];

#[test]
fn each_wrong_client_comes_to_harm_and_none_without_its_fault() {
    let mut caught = BTreeSet::new();
    for (trap, fault, client) in TABLE {
        for era in [Era::Y2023, Era::Y2024, Era::Y2025, Era::Y2026] {
            let hand = || {
                let mut hand = Hand::new();
                hand.venue.profile = Profile { era, ..Profile::default() };
                hand
            };
            assert_eq!(client(&mut hand(), false), Ok(()), "trap {trap}, {era:?}: the right one");
            let Err(harm) = client(&mut hand(), true) else {
                panic!("trap {trap}, {era:?}: who {fault} comes to no harm");
            };
            if era == Era::Y2025 {
                println!("{trap:>2}  who {fault}: {harm}");
            }
        }
        caught.insert(*trap);
    }
    assert_eq!(caught, (1..=12).collect());
}

// ---------------------------------------------------------------- what they have in common

const STOP: &str = r#"{"type": "STOP_MARKET","stopPrice":105000,"workingType":"MARK_PRICE"}"#;
const OPEN_ORDERS: &str = "/openApi/swap/v2/trade/openOrders";

fn entry<'a>(quantity: &'a str, client_id: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("symbol", "BTC-USDT"),
        ("side", "BUY"),
        ("positionSide", "LONG"),
        ("type", "MARKET"),
        ("quantity", quantity),
        ("clientOrderId", client_id),
    ]
}

fn limit(client_id: &str) -> Vec<(&str, &str)> {
    let mut order = entry("0.01", client_id);
    order.retain(|(name, _)| *name != "type");
    order.extend([("type", "LIMIT"), ("price", "100000")]);
    order
}

fn by_name(client_id: &str) -> [(&str, &str); 2] {
    [("symbol", "BTC-USDT"), ("clientOrderId", client_id)]
}

/// An order that must be taken.
fn place(hand: &mut Hand, params: &[(&str, &str)]) -> Result<Value, String> {
    taken(hand.json("POST", ORDER, params))
}

fn taken(answer: Value) -> Result<Value, String> {
    if answer["code"] == 0 { Ok(answer) } else { Err(format!("refused, {}", answer["msg"])) }
}

/// Whether anything is known under this name.
fn knows(hand: &mut Hand, client_id: &str) -> bool {
    hand.json("GET", ORDER, &by_name(client_id))["code"] == 0
}

/// Harm, where what is believed is not what is so.
fn believes<T: Copy + PartialEq + std::fmt::Debug>(believed: T, really: T) -> Result<(), String> {
    if believed == really { Ok(()) } else { Err(format!("believes {believed:?}, and it is {really:?}")) }
}

// ---------------------------------------------------------------- the clients

fn signs_encoded_values(hand: &mut Hand, is_wrong: bool) -> Result<(), String> {
    let mut order = entry("0.01", "a1");
    order.push(("stopLoss", STOP));
    let query = hand.query(&order, |value| if is_wrong { encoded(value) } else { value.to_owned() });
    let (_, body) = hand.send_query("POST", ORDER, &query);
    taken(serde_json::from_str(&body).unwrap()).map(drop)
}

fn writes_a_space_as_a_plus(hand: &mut Hand, is_wrong: bool) -> Result<(), String> {
    let mut order = entry("0.01", "a1");
    order.push(("stopLoss", STOP));
    let mut query = hand.query(&order, str::to_owned);
    if is_wrong {
        query = query.replace("%20", "+");
    }
    let (_, body) = hand.send_query("POST", ORDER, &query);
    taken(serde_json::from_str(&body).unwrap()).map(drop)
}

fn looks_at_the_status_only(hand: &mut Hand, is_wrong: bool) -> Result<(), String> {
    let (status, body) = hand.send("POST", ORDER, &entry("100", "a1"));
    let answer: Value = serde_json::from_str(&body).unwrap();
    let believes_in_it = if is_wrong { status == 200 } else { answer["code"] == 0 };
    believes(usize::from(believes_in_it), hand.orders())
}

fn reads_ids_as_floats(hand: &mut Hand, is_wrong: bool) -> Result<(), String> {
    let placed = place(hand, &entry("0.01", "a1"))?;
    let mut id = placed["data"]["order"]["orderId"].as_u64().unwrap().to_string();
    if is_wrong {
        id = format!("{:.0}", id.parse::<f64>().unwrap());
    }
    taken(hand.json("GET", ORDER, &[("symbol", "BTC-USDT"), ("orderId", &id)])).map(drop)
}

fn takes_the_first_candle(hand: &mut Hand, is_wrong: bool) -> Result<(), String> {
    hand.venue.move_price(HostName::Live, "BTC-USDT", number("108000"));
    let wanted = [("symbol", "BTC-USDT"), ("interval", "1m"), ("limit", "20")];
    let answer = hand.json("GET", "/openApi/swap/v3/quote/klines", &wanted);
    let candles = answer["data"].as_array().unwrap();
    let time = |candle: &Value| candle["time"].as_i64().unwrap();
    let finished = candles.iter().filter(|candle| time(candle) + 60_000 <= hand.now_ms);
    let last = if is_wrong { candles.first() } else { finished.max_by_key(|candle| time(candle)) };
    let market = hand.venue.market(HostName::Live, "BTC-USDT").unwrap();
    let closed = market.candles.iter().rfind(|candle| candle.time + 60_000 <= hand.now_ms).unwrap();
    believes(number(last.unwrap()["close"].as_str().unwrap()), closed.close)
}

fn compares_letters(hand: &mut Hand, is_wrong: bool) -> Result<(), String> {
    let ours = "MyOrder1";
    place(hand, &limit(ours))?;
    let open = hand.json("GET", OPEN_ORDERS, &[("symbol", "BTC-USDT")]);
    let is_ours = |order: &Value| {
        let id = order["clientOrderId"].as_str().unwrap();
        if is_wrong { id == ours } else { id.eq_ignore_ascii_case(ours) }
    };
    let found = open["data"]["orders"].as_array().unwrap().iter().filter(|order| is_ours(order)).count();
    believes(found, hand.orders())
}

fn uses_an_id_again(hand: &mut Hand, is_wrong: bool) -> Result<(), String> {
    place(hand, &limit("a1"))?;
    taken(hand.json("DELETE", ORDER, &by_name("a1")))?;
    place(hand, &limit(if is_wrong { "a1" } else { "a2" })).map(drop)
}

fn believes_in_its_decimals(hand: &mut Hand, is_wrong: bool) -> Result<(), String> {
    let wanted = number("0.01239");
    let sent = if is_wrong { wanted } else { wanted.round_dp_with_strategy(4, RoundingStrategy::ToZero) };
    place(hand, &entry(&sent.to_string(), "a1"))?;
    believes(sent, hand.held())
}

/// Opens and closes 0.01 with this position side.
fn closes_with(
    hand: &mut Hand,
    slot: &'static str,
    extra: &[(&'static str, &'static str)],
) -> Result<(), String> {
    place(hand, &entry("0.01", "a1"))?;
    let mut order = vec![
        ("symbol", "BTC-USDT"),
        ("side", "SELL"),
        ("positionSide", slot),
        ("type", "MARKET"),
        ("quantity", "0.01"),
    ];
    order.extend(extra);
    place(hand, &order)?;
    believes(Decimal::ZERO, hand.held())
}

fn sends_reduce_only(hand: &mut Hand, is_wrong: bool) -> Result<(), String> {
    closes_with(hand, "LONG", if is_wrong { &[("reduceOnly", "true")] } else { &[] })
}

fn names_no_side(hand: &mut Hand, is_wrong: bool) -> Result<(), String> {
    closes_with(hand, if is_wrong { "BOTH" } else { "LONG" }, &[])
}

fn switches_the_mode(hand: &mut Hand, is_wrong: bool) -> Result<(), String> {
    if is_wrong {
        hand.json("POST", "/openApi/swap/v1/positionSide/dual", &[("dualSidePosition", "false")]);
    }
    // The owner's own order, in the mode that they have chosen for their account.
    place(hand, &entry("0.01", "owner1")).map(drop)
}

fn chooses_the_host_by_the_key(hand: &mut Hand, is_wrong: bool) -> Result<(), String> {
    hand.host = if is_wrong { HostName::Live } else { HostName::Demo };
    place(hand, &entry("0.01", "meantfordemo"))?;
    hand.host = HostName::Live;
    believes(Decimal::ZERO, hand.held())
}

fn on_orders(hand: &mut Hand, mishap: Mishap) {
    hand.venue.faults.add(Rule::of(mishap).on("POST", "/trade/order").times(1));
}

fn sends_again_after_no_answer(hand: &mut Hand, is_wrong: bool) -> Result<(), String> {
    on_orders(hand, Mishap::StatusAfter { status: 504 });
    hand.send("POST", ORDER, &entry("0.01", "a1"));
    if is_wrong || !knows(hand, "a1") {
        place(hand, &entry("0.01", "a2"))?;
    }
    believes(number("0.01"), hand.held())
}

fn believes_the_first_look(hand: &mut Hand, is_wrong: bool) -> Result<(), String> {
    on_orders(hand, Mishap::Hide { ms: 9_000, lost: true });
    hand.send("POST", ORDER, &entry("0.01", "a1"));
    let mut found = knows(hand, "a1");
    if !is_wrong {
        hand.now_ms += 15_000;
        found = found || knows(hand, "a1");
    }
    if !found {
        place(hand, &entry("0.01", "a2"))?;
    }
    believes(number("0.01"), hand.held())
}

fn takes_a_repeated_id_for_a_refusal(hand: &mut Hand, is_wrong: bool) -> Result<(), String> {
    on_orders(hand, Mishap::DropAfter);
    hand.send("POST", ORDER, &entry("0.01", "a1"));
    let again = hand.json("POST", ORDER, &entry("0.01", "a1"));
    let is_there = again["code"] == 101_481 && !is_wrong;
    if !is_there {
        place(hand, &entry("0.01", "a2"))?;
    }
    believes(number("0.01"), hand.held())
}

fn believes_the_z(hand: &mut Hand, is_wrong: bool) -> Result<(), String> {
    place(hand, &entry("0.01", "a1"))?;
    let (from, until) = ((hand.now_ms - 60_000).to_string(), (hand.now_ms + 60_000).to_string());
    let answer =
        hand.json("GET", "/openApi/swap/v2/trade/fillHistory", &[("startTs", &from), ("endTs", &until)]);
    let fill = &answer["data"]["fill_history_orders"][0];
    let text = fill[if is_wrong { "filledTm" } else { "filledTime" }].as_str().unwrap();
    let time = chrono::DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%#z").unwrap().timestamp();
    let really = hand.venue.ledger(hand.host, hand.uid).unwrap().fills[0].time;
    believes(time, really / 1_000)
}

fn takes_the_first_ask(hand: &mut Hand, is_wrong: bool) -> Result<(), String> {
    let book = hand.json("GET", "/openApi/swap/v2/quote/depth", &[("symbol", "BTC-USDT")]);
    let asks = book["data"]["asks"].as_array().unwrap().iter();
    let prices: Vec<Decimal> = asks.map(|level| number(level[0].as_str().unwrap())).collect();
    let expected = if is_wrong { prices[0] } else { *prices.iter().min().unwrap() };
    place(hand, &entry("0.01", "a1"))?;
    believes(expected, hand.venue.ledger(hand.host, hand.uid).unwrap().fills[0].price)
}

fn takes_the_last_trade(hand: &mut Hand, is_wrong: bool) -> Result<(), String> {
    hand.venue.move_price(HostName::Live, "BTC-USDT", number("108000"));
    let answer = hand.json("GET", "/openApi/swap/v2/quote/trades", &[("symbol", "BTC-USDT")]);
    let trades = answer["data"].as_array().unwrap();
    let latest = if is_wrong { trades.last() } else { trades.first() };
    believes(number(latest.unwrap()["price"].as_str().unwrap()), number("108000"))
}

/// What somebody typed as a name of their order: further parameters, to who does not look at it.
fn sends_what_was_typed(hand: &mut Hand, is_wrong: bool) -> Result<(), String> {
    let typed = "x1&quantity=0.05";
    if !is_wrong && !typed.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return believes(Decimal::ZERO, hand.held());
    }
    let stamp = hand.now_ms + 250;
    let query = format!(
        "clientOrderId={typed}&positionSide=LONG&quantity=0.001&side=BUY&symbol=BTC-USDT&timestamp={stamp}&type=MARKET"
    );
    let signature = sign("secret", &query);
    hand.send_query("POST", ORDER, &format!("{query}&signature={signature}"));
    believes(number("0.001"), hand.held())
}
