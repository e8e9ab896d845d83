//! Lists of followers and masters.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use flotilla_domain::copy::order::CopyState::{self, *};
use flotilla_domain::copy::reason::ReasonCode;
use flotilla_domain::id::CopyId;
use flotilla_domain::money::Money;
use flotilla_engine::dispatch::{Command, command};
use flotilla_engine::reconcile::master::{Led, absent};
use flotilla_engine::reconcile::{Finding, Held, List, held, is_doubtful, is_netting_suspected};
use proptest::prelude::*;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::support::{copy, start, ticket};

pub fn apart() -> TimeDelta {
    TimeDelta::seconds(30)
}

pub fn list(tickets: &[i64], after_s: i64) -> List {
    List { tickets: tickets.iter().map(|&number| ticket(number)).collect(), at: at(after_s) }
}

pub fn at(after_s: i64) -> DateTime<Utc> {
    start() + TimeDelta::seconds(after_s)
}

fn known(state: CopyState, missing_since: Option<i64>) -> Held {
    Held { order: copy(state), missing_since: missing_since.map(at), was_listed: true }
}

/// State and reason it moves to.
fn moved(finding: &Finding) -> Option<(CopyState, Option<ReasonCode>)> {
    match finding {
        Finding::Moves(edge) => Some((edge.to, edge.reason)),
        Finding::Known | Finding::Present | Finding::Missing | Finding::Agreed => None,
    }
}

#[test]
fn a_position_is_gone_when_two_lists_half_a_minute_apart_lack_it() {
    let without = list(&[4], 100);
    for state in [Open, Closing] {
        assert_eq!(held(&known(state, None), &without, apart()), Finding::Missing, "{state}");
        assert_eq!(held(&known(state, Some(71)), &without, apart()), Finding::Known, "{state}");
        let gone = held(&known(state, Some(70)), &without, apart());
        assert_eq!(moved(&gone), Some((Closed, Some(ReasonCode::Absent))), "{state}");
    }
}

#[test]
fn a_position_that_is_listed_again_was_never_away() {
    let with = list(&[5001], 100);
    let mut never_listed = known(Open, None);
    never_listed.was_listed = false;

    assert_eq!(held(&known(Open, Some(1)), &with, apart()), Finding::Present);
    assert_eq!(held(&never_listed, &with, apart()), Finding::Present);
    assert_eq!(held(&known(Open, None), &with, apart()), Finding::Known);
}

#[test]
fn a_closed_position_that_is_listed_is_open_and_closed_again_if_nobody_wants_it() {
    let mut copy = known(Closed, None);
    copy.order.desired_lots = Decimal::ZERO;

    let Finding::Moves(edge) = held(&copy, &list(&[5001], 1), apart()) else { panic!("it is open") };

    assert_eq!((edge.to, edge.reason), (Open, Some(ReasonCode::LateEvidence)));
    let close = Command::Close { ticket: ticket(5001) };
    assert_eq!(command(&edge.applied(&copy.order), start()), Some(close));
    assert_eq!(held(&copy, &list(&[], 1), apart()), Finding::Known);
}

#[test]
fn the_result_of_a_close_that_was_none_is_not_forgotten() {
    let mut copy = known(Closing, Some(0));
    copy.order.pnl = Some(Money::from(Decimal::new(-7, 0)));

    let Finding::Moves(edge) = held(&copy, &list(&[], 60), apart()) else { panic!("it is gone") };

    assert_eq!(edge.pnl, copy.order.pnl);
}

#[test]
fn other_states_are_not_judged_by_a_list() {
    for state in [Planned, Claimed, Received, Unconfirmed, Failed, Skipped, Attention] {
        let mut copy = known(state, Some(0));
        copy.order.follower_ticket = Some(ticket(5001));
        for tickets in [&[][..], &[5001]] {
            assert_eq!(held(&copy, &list(tickets, 99), apart()), Finding::Known, "{state}");
        }
    }
}

fn open_copies(tickets: std::ops::RangeInclusive<i64>) -> Vec<Held> {
    tickets
        .map(|number| {
            let mut one = known(Open, None);
            one.order.id = CopyId::from_uuid(Uuid::from_u128(number.unsigned_abs().into()));
            one.order.follower_ticket = Some(ticket(number));
            one
        })
        .collect()
}

#[test]
fn a_list_that_is_empty_or_lacks_most_is_doubtful() {
    let cases: [(i64, &[i64], bool); 6] = [
        (2, &[], true),
        (0, &[], true),
        (3, &[99], false),
        (4, &[99], true),
        (8, &[1, 2, 3, 4], false),
        (9, &[1, 2, 3, 4], true),
    ];
    for (open, tickets, expected) in cases {
        assert_eq!(is_doubtful(&open_copies(1..=open), &list(tickets, 0)), expected, "{open} {tickets:?}");
    }
}

#[test]
fn a_ticket_that_was_never_listed_beside_one_of_its_symbol_looks_like_netting() {
    let mut copies = open_copies(1..=2);
    copies[1].was_listed = false;

    assert!(is_netting_suspected(&copies[1], &copies, &list(&[1], 0)));
    assert!(!is_netting_suspected(&copies[1], &copies, &list(&[9], 0)));
    assert!(!is_netting_suspected(&copies[0], &copies, &list(&[1], 0)));
}

fn led(number: i64, reported_s: i64) -> Led {
    Led { ticket: ticket(number), reported_at: at(reported_s) }
}

#[test]
fn a_masters_trade_has_left_when_two_lists_of_its_chart_lack_it() {
    type Case<'a> = (&'a str, i64, &'a [List], &'a [i64], bool);
    let cases: [Case<'_>; 8] = [
        ("the first list", 0, &[], &[], false),
        ("two lists far enough apart", 0, &[list(&[], 70)], &[], true),
        ("two lists too close", 0, &[list(&[], 71)], &[], false),
        ("listed now", 0, &[list(&[], 20)], &[7], false),
        ("listed between", 0, &[list(&[], 20), list(&[7], 50)], &[], false),
        ("listed before both", 0, &[list(&[7], 20), list(&[], 50)], &[], true),
        ("too young for the earlier list", 65, &[list(&[], 70)], &[], false),
        ("too young for both", 95, &[list(&[], 20)], &[], false),
    ];
    for (what, reported, earlier, now, expected) in cases {
        let left = absent(&[led(7, reported)], &list(now, 100), earlier, apart());
        assert_eq!(left.len(), usize::from(expected), "{what}");
    }
}

proptest! {
    /// Lists at random times: nothing is called gone that a list had within the last half minute,
    /// or that only one list lacked.
    #[test]
    fn absence_always_takes_two_lists(lists in prop::collection::vec((1i64..40, any::<bool>()), 1..12)) {
        let mut copy = known(Open, None);
        let mut now = 0;
        let mut lacking_since = None;
        for (pause, is_listed) in lists {
            now += pause;
            let list = list(if is_listed { &[5001] } else { &[] }, now);
            lacking_since = if is_listed { None } else { lacking_since.or(Some(now)) };
            match held(&copy, &list, apart()) {
                Finding::Moves(edge) => {
                    prop_assert_eq!(edge.to, Closed);
                    prop_assert!(lacking_since.is_some_and(|since| now - since >= 30));
                    return Ok(());
                }
                Finding::Missing => copy.missing_since = Some(at(now)),
                Finding::Present => copy.missing_since = None,
                Finding::Known | Finding::Agreed => {}
            }
            prop_assert!(lacking_since.is_none_or(|since| now - since < 30));
        }
    }

    #[test]
    fn a_list_leads_along_edges_only(
        state in prop::sample::select(CopyState::ALL),
        has_ticket in any::<bool>(),
        missing in prop::option::of(0i64..200),
        tickets in prop::collection::hash_set(4999i64..5003, 0..4),
    ) {
        let mut copy = known(state, missing);
        copy.order.follower_ticket = has_ticket.then(|| ticket(5001));
        let tickets: HashSet<_> = tickets.into_iter().map(ticket).collect();
        if let Finding::Moves(edge) = held(&copy, &List { tickets, at: at(100) }, apart()) {
            prop_assert!(edge.from.may_become(edge.to));
        }
    }
}
