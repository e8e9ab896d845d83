//! What was recorded of the real exchange, as far as the folder is there.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::path::PathBuf;

use flotilla_exchange::bingx::contract::Contract;
use flotilla_exchange::bingx::error::{ErrorClass, VenueError};
use flotilla_exchange::bingx::event::{self, Frame};
use flotilla_exchange::bingx::model::{Balances, Cancelled, Fill, Income, KeyInfo, Order, Placed, Position};
use flotilla_exchange::bingx::quotes::{Candle, Depth, PremiumIndex};
use flotilla_exchange::bingx::sign::{Params, signature};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The folder of recordings; a printed line and nothing where there is none.
fn recordings() -> Option<PathBuf> {
    let folder = std::env::var_os("FLOTILLA_BINGX_DATA").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/bingx"),
        PathBuf::from,
    );
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: there are no recordings at {}", folder.display());
    None
}

fn json(path: &str) -> Option<Value> {
    let text = std::fs::read_to_string(recordings()?.join(path)).unwrap();
    Some(serde_json::from_str(&text).unwrap())
}

/// The text of a field, digits and all: a `Value` would turn `9e-05` into a float.
fn field(text: &str, name: &str) -> String {
    use serde_json::value::RawValue;
    let fields: std::collections::HashMap<String, Box<RawValue>> = serde_json::from_str(text).unwrap();
    fields[name].get().to_owned()
}

fn response(folder: &std::path::Path, name: &str) -> String {
    let text = std::fs::read_to_string(folder.join("rest").join(name)).unwrap();
    field(&text, "response")
}

#[test]
fn all_signatures_are_ours_and_the_wrong_ones_are_not() {
    let Some(file) = json("signatures/vectors.json") else { return };
    let vectors = file["vectors"].as_array().unwrap();

    for vector in vectors {
        let secret = vector["secret"].as_str().unwrap().into();
        let text = vector["string_to_sign"].as_str().unwrap();
        let signed = signature(&secret, text);
        assert_eq!(signed, vector["signature"].as_str().unwrap(), "{}", vector["id"]);
        if vector["published_matches"] == false {
            assert_ne!(signed, vector["published_signature"].as_str().unwrap(), "{}", vector["id"]);
        }
        // The same values, sorted and encoded by us, where the recording was sorted.
        let Some(sent) = vector["sent_query"].as_str() else { continue };
        let params = sent.split('&').fold(Params::new(), |params, pair| {
            let (name, value) = pair.split_once('=').unwrap();
            params.with(name, percent_encoding::percent_decode_str(value).decode_utf8().unwrap())
        });
        if params.to_sign() == text {
            assert_eq!(params.query(), sent, "{}", vector["id"]);
        }
    }
    assert!(vectors.len() >= 40, "{} vectors", vectors.len());
}

#[test]
fn all_listed_codes_have_their_class() {
    let Some(file) = json("error-classes.json") else { return };
    let class = |name: &str| match name {
        "signature" => ErrorClass::Signature,
        "key" => ErrorClass::Key,
        "clock" => ErrorClass::Clock,
        "rate" => ErrorClass::Rate,
        "busy" => ErrorClass::Busy,
        "parameters" => ErrorClass::Parameters,
        "symbol" => ErrorClass::Symbol,
        "margin" => ErrorClass::Margin,
        "size" => ErrorClass::Size,
        "price" => ErrorClass::Price,
        "position-mode" => ErrorClass::PositionMode,
        "position" => ErrorClass::Position,
        "order" => ErrorClass::Order,
        "trigger" => ErrorClass::Trigger,
        "duplicate" => ErrorClass::Duplicate,
        "suspension" => ErrorClass::Suspension,
        "websocket" => ErrorClass::Stream,
        // The text decides; without one nobody knows.
        "by-text" => ErrorClass::Unknown,
        other => panic!("{other}"),
    };

    for entry in file["codes"].as_array().unwrap() {
        let code = entry["code"].as_i64().unwrap();
        let expected = class(entry["classes"][0]["class"].as_str().unwrap());
        assert_eq!(VenueError::new(code, "").class, expected, "{code}");
    }
}

#[test]
fn captured_errors_are_understood() {
    let Some(file) = json("wire/captures.json") else { return };
    let expected = [
        ("wire-02", ErrorClass::Parameters),
        ("wire-03", ErrorClass::PositionMode),
        ("wire-04", ErrorClass::Position),
        ("wire-05", ErrorClass::Parameters),
        ("wire-07", ErrorClass::Signature),
        ("wire-08", ErrorClass::Suspension),
        ("wire-15", ErrorClass::Key),
        ("wire-16", ErrorClass::Size),
        ("wire-18", ErrorClass::Symbol),
        ("wire-19", ErrorClass::PositionMode),
        ("wire-20", ErrorClass::Clock),
        ("wire-22", ErrorClass::Parameters),
    ];
    for (id, class) in expected {
        let capture = file["captures"].as_array().unwrap().iter().find(|one| one["id"] == id).unwrap();
        let body: Value = serde_json::from_str(capture["raw_body"].as_str().unwrap()).unwrap();
        let error = VenueError::new(body["code"].as_i64().unwrap(), body["msg"].as_str().unwrap());
        assert_eq!(error.class, class, "{id}");
    }
}

fn read<T: DeserializeOwned>(name: &str, json: &str) -> T {
    serde_json::from_str(json).unwrap_or_else(|error| panic!("{name}: {error}\n{json}"))
}

/// Reads the part of a reply that our models are of.
fn check(name: &str, data: &str) -> bool {
    let of = |part: &str| name.contains(part);
    if of("quote_contracts") {
        assert!(!read::<Vec<Contract>>(name, data).is_empty());
    } else if of("user_balance") {
        assert!(read::<Balances>(name, data).margin().is_some(), "{name}");
    } else if of("user_positions") {
        assert!(!read::<Vec<Position>>(name, data).is_empty());
    } else if of("user_income") {
        assert!(!read::<Vec<Income>>(name, data).is_empty());
    } else if of("allOpenOrders.DELETE") || of("v2_trade_batchOrders.DELETE") {
        assert!(!read::<Cancelled>(name, data).success.is_empty());
    } else if of("v2_trade_order.POST") || of("trade_order_test.POST") {
        read::<Placed>(name, &field(data, "order"));
    } else if of("v2_trade_batchOrders.POST") {
        read::<Vec<Placed>>(name, &field(data, "orders"));
    } else if of("swap_v2_trade_order.") || of("openOrder.GET") {
        read::<Order>(name, &field(data, "order"));
    } else if of("openOrders.GET") && of("v2")
        || of("allOrders.GET")
        || of("fullOrder.GET")
        || of("forceOrders.GET")
    {
        read::<Vec<Order>>(name, &field(data, "orders"));
    } else if of("allFillOrders") {
        assert!(!read::<Vec<Fill>>(name, &field(data, "fill_orders")).is_empty());
    } else if of("fillHistory") {
        assert!(!read::<Vec<Fill>>(name, &field(data, "fill_history_orders")).is_empty());
    } else if of("quote_depth") {
        let depth = read::<Depth>(name, data);
        assert!(depth.bids.first().unwrap().price < depth.asks.first().unwrap().price, "{name}");
    } else if of("quote_premiumIndex") {
        let index = read::<PremiumIndex>(name, data);
        assert!(index.mark_price.is_some() && index.next_funding_time.is_some(), "{name}");
    } else if of("v3_quote_klines") {
        assert!(!read::<Vec<Candle>>(name, data).is_empty());
    } else {
        return false;
    }
    true
}

#[test]
fn all_recorded_replies_that_we_use_are_read() {
    let Some(folder) = recordings() else { return };
    let mut checked = 0;
    for entry in std::fs::read_dir(folder.join("rest")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let response = response(&folder, &name);
        if name.contains("apiPermissions") || name.contains("apiRestrictions") {
            read::<KeyInfo>(&name, &response);
            checked += 1;
        } else if name.starts_with("swap") && response.contains("\"data\"") {
            checked += u32::from(check(&name, &field(&response, "data")));
        }
    }
    assert!(checked >= 30, "{checked}");
}

#[test]
fn all_recorded_frames_of_user_streams_are_read() {
    let Some(folder) = recordings() else { return };
    let mut events = 0;
    for entry in std::fs::read_dir(folder.join("ws")).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let file: Value = serde_json::from_str(&text).unwrap();
        for name in ["push", "frame"] {
            if file[name].get("e").is_some() {
                assert!(matches!(event::read(&field(&text, name)), Ok(Frame::Event(_))), "{text}");
                events += 1;
            }
        }
    }
    assert!(events >= 4, "{events}");
}
