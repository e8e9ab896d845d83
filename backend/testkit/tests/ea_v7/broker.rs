//! The brokers' books.

use std::path::PathBuf;

use flotilla_domain::side::Side;
use flotilla_testkit::broker::{Broker, By, Entry, Position, Venue};
use flotilla_testkit::market::Market;
use uuid::Uuid;

use crate::peer::{broker, by_hand, position};

#[test]
fn books_in_a_file_outlive_the_broker() {
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{}.json", Uuid::new_v4()));
    let before = broker().with_books_in(&file);
    let (gone, held) = (before.open(position()), before.open(position()));
    let closed = before.close(gone).unwrap();

    let after = Broker::at(Market::open(), 1).with_books_in(&file);

    assert_eq!(after.positions().into_keys().collect::<Vec<_>>(), [held]);
    assert_eq!(after.balance_and_equity(), before.balance_and_equity());
    assert!(closed.profit.is_sign_negative(), "{closed:?}");
    assert_eq!(after.open(position()), held + 1);
    std::fs::remove_file(file).unwrap();
}

#[test]
fn a_netting_position_keeps_the_first_orders_ticket_and_turns_with_a_larger_order() {
    let broker = broker().of(Venue::Netting);
    let order =
        |side, lots: &str| broker.open(Position { side, lots: lots.parse().unwrap(), ..by_hand("XAUUSD") });

    let tickets = [
        order(Side::Buy, "0.10"),
        order(Side::Buy, "0.20"),
        order(Side::Sell, "0.10"),
        order(Side::Sell, "0.50"),
    ];

    assert_eq!(tickets, [5001, 5002, 5003, 5004]);
    let held = broker.positions();
    let (ticket, position) = held.first_key_value().unwrap();
    assert_eq!((*ticket, position.side, position.lots.to_string().as_str()), (5001, Side::Sell, "0.30"));
    assert_eq!(held.len(), 1);
    let entries: Vec<_> = broker.deals().iter().map(|deal| deal.entry).collect();
    assert_eq!(entries, [Entry::In, Entry::In, Entry::Out, Entry::Reversal]);
    assert!(broker.close(5002).is_none());
}

#[test]
fn closing_twice_is_closing_once() {
    let broker = broker();
    let ticket = broker.open(position());

    assert!(broker.close_by(ticket, By::Command("CMD_CLOSE".to_owned())).is_some());

    assert!(broker.close(ticket).is_none());
    assert_eq!(broker.closed(), [ticket]);
}

#[test]
fn what_the_server_opened_it_may_close() {
    let broker = broker();
    let line = |line: &str| By::Command(line.to_owned());
    let (ours, theirs) = (broker.open_by(position(), line("CMD_OPEN|1")), broker.open(position()));

    broker.close_by(ours, line("CMD_CLOSE|1"));
    assert!(broker.wronged().is_empty() && broker.doubled().is_empty());
    broker.close_by(theirs, line("CMD_CLOSE|2"));
    broker.open_by(position(), line("CMD_OPEN|1"));

    assert_eq!(broker.wronged().into_iter().collect::<Vec<_>>(), [theirs]);
    assert_eq!(broker.doubled().into_iter().collect::<Vec<_>>(), ["CMD_OPEN|1"]);
}

#[test]
#[should_panic(expected = "no ticket is left")]
fn mt4_has_no_tickets_beyond_31_bits() {
    let broker = Broker::at(Market::open(), i64::from(i32::MAX)).of(Venue::Mt4);

    broker.open(position());
}
