//! Which of several copies an answer speaks of.

use crate::support::{
    MASTER_TICKET, close_refused, closed, closed_by_other, copy, open_refused, opened, ticket,
};
use flotilla_domain::copy::order::{CopyOrder, CopyState};
use flotilla_domain::copy::reason::ReasonCode;
use flotilla_engine::matching::{Named, pick};

const MASTER: Named = Named::MasterTicket(match flotilla_domain::ticket::Ticket::new(MASTER_TICKET) {
    Ok(ticket) => ticket,
    Err(_) => panic!("a ticket"),
});

fn with_ticket(state: CopyState, number: i64) -> CopyOrder {
    let mut copy = copy(state);
    copy.follower_ticket = Some(ticket(number));
    copy
}

fn picked(
    copies: &[CopyOrder],
    named: Named,
    evidence: &flotilla_domain::copy::evidence::Evidence,
) -> Option<usize> {
    pick(&copies.iter().collect::<Vec<_>>(), named, evidence)
}

#[test]
fn legs_are_answered_in_the_order_they_were_sent() {
    let legs = [with_ticket(CopyState::Open, 5001), copy(CopyState::Claimed), copy(CopyState::Claimed)];

    assert_eq!(picked(&legs, MASTER, &opened(6001)), Some(1));
    assert_eq!(picked(&legs, MASTER, &open_refused("no money")), Some(1));
}

#[test]
fn a_sent_copy_is_meant_before_one_in_doubt_and_that_before_one_that_ended() {
    let copies = [copy(CopyState::Skipped), copy(CopyState::Unconfirmed), copy(CopyState::Claimed)];

    assert_eq!(picked(&copies, MASTER, &opened(6001)), Some(2));
    assert_eq!(picked(&copies[..2], MASTER, &opened(6001)), Some(1));
    assert_eq!(picked(&copies[..1], MASTER, &opened(6001)), Some(0));
}

#[test]
fn a_position_of_another_trade_is_nobodys() {
    let mut other = with_ticket(CopyState::Open, 6001);
    other.master_ticket = ticket(9);

    assert_eq!(picked(&[other, copy(CopyState::Claimed)], MASTER, &opened(6001)), None);
}

#[test]
fn closes_are_answered_for_what_is_closing() {
    let copies = [with_ticket(CopyState::Open, 1), with_ticket(CopyState::Closing, 2)];

    assert_eq!(picked(&copies, MASTER, &closed()), Some(1));
    assert_eq!(picked(&copies, MASTER, &close_refused()), Some(1));
    let own = Named::FollowerTicket(ticket(1));
    assert_eq!(picked(&copies, own, &closed_by_other()), Some(0));
    assert_eq!(picked(&copies, Named::FollowerTicket(ticket(3)), &closed_by_other()), None);
}

#[test]
fn what_follows_a_refused_close_is_about_the_next_leg() {
    let mut legs = [with_ticket(CopyState::Closing, 5001), with_ticket(CopyState::Closing, 5002)];

    assert_eq!(picked(&legs, MASTER, &close_refused()), Some(0));
    legs[0].reason = Some(ReasonCode::CloseRefused);
    for answer in [closed(), close_refused()] {
        assert_eq!(picked(&legs, MASTER, &answer), Some(1), "{answer:?}");
    }
    legs[1].reason = Some(ReasonCode::CloseRefused);
    for answer in [closed(), close_refused()] {
        assert_eq!(picked(&legs, MASTER, &answer), Some(0), "{answer:?}");
    }
}
