//! Frames of user streams.

use flotilla_exchange::bingx::event::{self, Event, Frame};
use flotilla_exchange::bingx::model::{Direction, OrderStatus, PositionSide, TradeSide};
use serde_json::Value;

use crate::{field, names, number, recordings, symbol};

/// What is told to user streams. All the others are of markets, which are asked for and not listened to.
const EVENTS: [&str; 4] = [
    "md2023_03_2_account_balance_and_position_update_pu",
    "md2023_04_4_configuration_updates_such_as_leverage",
    "official_account_balance_and_position_update_push",
    "official_order_update_push",
];

/// The event in a file, where there is one.
fn event_of(text: &str) -> Option<Event> {
    let file: Value = serde_json::from_str(text).unwrap();
    let name = ["push", "frame"].into_iter().find(|name| file[name].get("e").is_some())?;
    match event::read(&field(text, name)) {
        Ok(Frame::Event(event)) => Some(*event),
        other => panic!("{other:?}: {text}"),
    }
}

#[test]
fn all_recorded_frames_of_user_streams_are_read() {
    let Some(folder) = recordings() else { return };
    let folder = folder.join("ws");
    let names = names(&folder);
    for name in EVENTS {
        assert!(names.iter().any(|known| known == name), "{name} is not recorded");
    }
    for name in names {
        let text = std::fs::read_to_string(folder.join(format!("{name}.json"))).unwrap();
        let event = event_of(&text);
        assert_eq!(event.is_some(), EVENTS.contains(&name.as_str()), "{name}");
        if let Some(event) = event {
            check(&name, &event);
        }
    }
}

fn check(name: &str, event: &Event) {
    match event {
        Event::Order(order) => {
            assert_eq!((order.id.as_str(), order.symbol.as_str()), ("1970374651259388000", "BTC-USDT"));
            assert_eq!((order.side, order.position_side), (Some(TradeSide::Sell), Some(PositionSide::Short)));
            assert_eq!((&order.status, order.kind.as_str()), (&OrderStatus::Filled, "MARKET"));
            assert_eq!((order.quantity, order.filled), (number("0.001"), number("0.001")));
            assert_eq!(order.average_price, Some(number("112848.1")));
            assert_eq!((order.commission, order.realised), (number("-0.05642405"), number("0")));
            assert_eq!(order.trade_id.as_deref(), Some("511178071"));
            assert_eq!((&order.client_id, &order.triggered_by), (&None, &None));
            assert_eq!(order.at_ms, 1_758_608_899_316);
        }
        Event::Account(account) => {
            let (wallet, coin, quantity, entry, profit, at_ms) = if name.starts_with("official") {
                ("117.80007595", "BTC-USDT", "0.001", "112848.1", "-0.00004435", 1_758_608_899_352)
            } else {
                ("5277.59264687", "LINK-USDT", "108.843", "7.2562", "1.4222", 1_676_603_102_163)
            };
            assert_eq!((account.reason.as_str(), account.at_ms), ("ORDER", at_ms));
            assert_eq!(account.balances, [("USDT".to_owned(), number(wallet))]);
            let position = account.positions.first().unwrap();
            assert_eq!((&position.symbol, position.direction), (&symbol(coin), Some(Direction::Short)));
            assert_eq!((position.quantity, position.average_price), (number(quantity), number(entry)));
            assert_eq!(position.unrealized_profit, number(profit));
        }
        Event::Config(config) => {
            assert_eq!((&config.symbol, config.margin_type.as_str()), (&symbol("BTC-USDT"), "cross"));
            assert_eq!((config.long_leverage, config.short_leverage), (number("12"), number("9")));
        }
        Event::ListenKeyExpired => panic!("{name}"),
    }
}
