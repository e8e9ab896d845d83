//! Refusals, by their codes and their words.

use std::collections::BTreeSet;

use flotilla_exchange::bingx::error::{ErrorClass, VenueError};
use flotilla_exchange::bingx::event::{self, Frame};
use serde_json::Value;

use crate::json;

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

/// What the catalogue of endpoints prints as answers: code, how the words begin, class.
const PRINTED: &[(i64, &str, ErrorClass)] = &[
    (80_001, "This operation is not allowed as your account assets are being processed.", ErrorClass::Busy),
    (80_001, "margin not enough", ErrorClass::Margin),
    // Of a request that is never made here. What is not known leaves a change in doubt.
    (80_001, "position is not isolated", ErrorClass::Unknown),
    (80_001, "No position to close", ErrorClass::Position),
    (80_001, "Failed. Please check if you have pending orders under the trading pair.", ErrorClass::Position),
    (80_001, "Insufficient margin", ErrorClass::Margin),
    (80_001, "This order exceeds the current position limit of 5000 USDT.", ErrorClass::Size),
    (80_001, "The maximum position value for this leverage is 150000 USDT.", ErrorClass::Size),
    (80_001, "Stop Loss price should be lower than the current price", ErrorClass::Trigger),
    (80_001, "In the Hedge mode, the 'PositionSide' field", ErrorClass::PositionMode),
    (80_001, "In the One-way mode, the 'PositionSide' field", ErrorClass::PositionMode),
    (80_001, "service has some errors, The order doesn't exist", ErrorClass::Busy),
    (80_012, "The current system is busy", ErrorClass::Busy),
    // The service is not there, whatever it goes on to say.
    (80_012, "query Service Unavailable, err:contract not exist", ErrorClass::Busy),
    (80_014, "Reminder: Due to the large market fluctuations", ErrorClass::Suspension),
    (80_014, "parameter quantity is must", ErrorClass::Parameters),
    (80_014, "Invalid parameters,positionSide: This field is required.", ErrorClass::Parameters),
    (80_014, "the query range is more than seven days", ErrorClass::Parameters),
    (80_014, "orderIdList & clientOrderIDList are both empty;", ErrorClass::Parameters),
    (80_016, "order does not exist", ErrorClass::Order),
    (80_017, "position not exist", ErrorClass::Position),
    (80_018, "order is already filled, The order doesn't exist", ErrorClass::Order),
    (80_020, "risk forbidden", ErrorClass::Suspension),
    (100_001, "Signature verification failed due to signature mismatch", ErrorClass::Signature),
    (100_421, "Null timestamp or timestamp mismatch", ErrorClass::Clock),
    (101_204, "Insufficient margin", ErrorClass::Margin),
    (101_205, "No position to close", ErrorClass::Position),
    (101_209, "The maximum position value for this leverage is 170000 USDT.", ErrorClass::Size),
    (101_211, "Order price should be higher than 15.5", ErrorClass::Price),
    (
        101_212,
        "Failed. Please check if you have pending orders under the trading pair.",
        ErrorClass::Position,
    ),
    (101_215, "The Maker (Post Only) order ensures", ErrorClass::Price),
    (101_290, "The Reduce Only order can only decrease the position", ErrorClass::Position),
    (101_400, "Please ensure that the minimum nominal value", ErrorClass::Size),
    (101_400, "The trading pair is not available for trading", ErrorClass::Symbol),
    (101_419, "Your order size has reached the upper limit", ErrorClass::Size),
    (101_424, "This order exceeds the current position limit amount of 5000 USDT.", ErrorClass::Size),
    (101_481, "clientOrderID cannot be repeated", ErrorClass::Duplicate),
    (101_515, "You're temporarily suspended from trading.", ErrorClass::Symbol),
    (
        109_201,
        "The same order number is only allowed to be submitted once within 1 second.",
        ErrorClass::Order,
    ),
    (109_400, "In the One-way mode, the 'PositionSide' field", ErrorClass::PositionMode),
    (109_400, "In the One-way mode, the 'Side' field", ErrorClass::PositionMode),
    (109_400, "In the Hedge mode, the 'PositionSide' field", ErrorClass::PositionMode),
    (109_400, "In the Hedge mode, the 'Side' field", ErrorClass::PositionMode),
    (109_400, "In the Hedge mode, the 'ReduceOnly' field can not be filled.", ErrorClass::PositionMode),
    (109_400, "You have a copy trading signal in process", ErrorClass::Suspension),
    (109_400, "Reminder: Due to the large market fluctuations", ErrorClass::Suspension),
    (109_400, "the account has positions or pending orders", ErrorClass::Position),
    (109_400, "margin is not enough", ErrorClass::Margin),
    (109_400, "symbol not exist", ErrorClass::Symbol),
    (109_401, "user has pending orders or position", ErrorClass::PositionMode),
    // Printed for the question after an order, which is asked again later.
    (109_414, "Request failed", ErrorClass::Parameters),
    (109_414, "order not exist", ErrorClass::Order),
    (109_500, "SetTradingStrategy network failed", ErrorClass::Busy),
    (109_500, "Account Service Unavailable, err:symbol not exist", ErrorClass::Symbol),
    (109_500, "symbol not exist", ErrorClass::Symbol),
    (110_400, "The parameters submitted don't meet the requirement.", ErrorClass::Parameters),
    (110_406, "Position SL order already exists", ErrorClass::Trigger),
    (110_407, "Position TP order already exists", ErrorClass::Trigger),
    (110_411, "Stop Loss price should be lower than the current price", ErrorClass::Trigger),
    (110_412, "Stop Loss price should be greater than the current price", ErrorClass::Trigger),
    (110_413, "Take Profit price should be greater than the current price", ErrorClass::Trigger),
];

#[test]
fn all_printed_refusals_are_understood_with_their_words() {
    let Some(file) = json("endpoint-catalog.json") else { return };
    let endpoints = file.as_array().unwrap();
    let printed: BTreeSet<(i64, &str)> = endpoints
        .iter()
        .flat_map(|endpoint| endpoint["errors"].as_array().unwrap())
        .map(|error| {
            (error["code"].as_str().unwrap().parse().unwrap(), error["msg"].as_str().unwrap_or_default())
        })
        .collect();
    let mut met = BTreeSet::new();
    for (code, words) in printed {
        let row = PRINTED.iter().position(|(known, begins, _)| *known == code && words.starts_with(begins));
        // Nothing is printed beside one of the codes; a code alone may do, which the other table checks.
        let Some(row) = row else {
            assert!(words.is_empty(), "{code}: {words}");
            continue;
        };
        met.insert(row);
        assert_eq!(VenueError::new(code, words).class, PRINTED[row].2, "{code}: {words}");
    }
    assert_eq!(met.len(), PRINTED.len(), "some of the table is printed nowhere");
}

/// What was captured on the wire; `None` for what is no refusal with words.
const CAPTURED: &[(&str, Option<ErrorClass>)] = &[
    // An order that was accepted: see the replies.
    ("wire-01", None),
    ("wire-02", Some(ErrorClass::Parameters)),
    ("wire-03", Some(ErrorClass::PositionMode)),
    ("wire-04", Some(ErrorClass::Position)),
    ("wire-05", Some(ErrorClass::Parameters)),
    ("wire-07", Some(ErrorClass::Signature)),
    ("wire-08", Some(ErrorClass::Suspension)),
    // The key of a stream is extended, with an empty answer: tested beside the stream.
    ("wire-10", None),
    ("wire-11", None),
    // A frame: see below.
    ("wire-13", None),
    ("wire-15", Some(ErrorClass::Key)),
    ("wire-16", Some(ErrorClass::Size)),
    ("wire-18", Some(ErrorClass::Symbol)),
    ("wire-19", Some(ErrorClass::PositionMode)),
    ("wire-20", Some(ErrorClass::Clock)),
    ("wire-22", Some(ErrorClass::Parameters)),
];

#[test]
fn captured_errors_are_understood() {
    let Some(file) = json("wire/captures.json") else { return };
    let captures = file["captures"].as_array().unwrap();
    let ids: Vec<&str> = captures.iter().map(|one| one["id"].as_str().unwrap()).collect();
    let known: Vec<&str> = CAPTURED.iter().map(|(id, _)| *id).collect();
    assert_eq!(ids, known);

    for (capture, (id, class)) in captures.iter().zip(CAPTURED) {
        let body = capture["raw_body"].as_str().unwrap();
        if let Some(class) = class {
            let body: Value = serde_json::from_str(body).unwrap();
            let error = VenueError::new(body["code"].as_i64().unwrap(), body["msg"].as_str().unwrap());
            assert_eq!((error.class, error.message.is_empty()), (*class, false), "{id}");
        }
        if *id == "wire-13" {
            assert_eq!(event::read(body), Ok(Frame::Other));
        }
    }
}
