//! Every state against every kind of evidence.

use crate::support::{close_refused, closed, closed_by_other, copy, open_refused, opened, start, ticket};
use flotilla_domain::copy::evidence::Evidence;
use flotilla_domain::copy::order::CopyState::{self, *};
use flotilla_domain::copy::reason::ReasonCode;
use flotilla_domain::side::Side;
use flotilla_engine::dispatch::{Command, command};
use flotilla_engine::settle::{Ignored, Outcome, settle};
use rust_decimal::Decimal;

/// What a case expects: a state and its reason, or why nothing happens.
type Expected = Result<(CopyState, Option<ReasonCode>), Ignored>;

fn outcome(state: CopyState, evidence: &Evidence) -> Expected {
    match settle(&copy(state), evidence) {
        Outcome::Moves(edge) => Ok((edge.to, edge.reason)),
        Outcome::Ignored(why) => Err(why),
    }
}

fn assert_table(evidence: &Evidence, table: [(CopyState, Expected); 10]) {
    for (state, expected) in table {
        assert_eq!(outcome(state, evidence), expected, "{state} and {evidence:?}");
    }
}

#[test]
fn a_position_is_believed_in_every_state() {
    let late = Some(ReasonCode::LateEvidence);
    let second = Some(ReasonCode::SecondPosition);
    assert_table(
        &opened(6001),
        [
            (Planned, Err(Ignored::NeverSent)),
            (Claimed, Ok((Open, None))),
            (Received, Ok((Open, None))),
            (Open, Ok((Open, second))),
            (Unconfirmed, Ok((Open, None))),
            (Failed, Ok((Open, late))),
            (Skipped, Ok((Open, late))),
            (Closing, Ok((Closing, second))),
            (Closed, Ok((Open, late))),
            (Attention, Ok((Open, None))),
        ],
    );
}

#[test]
fn a_position_without_a_size_is_as_large_as_is_wanted() {
    let unsized_open = Evidence::Opened { ticket: ticket(6001), lots: None, side: Side::Buy };
    for (wanted, open) in [(Decimal::new(4, 3), Some(Decimal::new(4, 3))), (Decimal::ZERO, None)] {
        let mut copy = copy(Claimed);
        copy.desired_lots = wanted;
        let Outcome::Moves(edge) = settle(&copy, &unsized_open) else { panic!("ignored") };
        assert_eq!((edge.to, edge.ticket, edge.open_lots), (Open, Some(ticket(6001)), open));
        let closes = matches!(command(&edge.applied(&copy), start()), Some(Command::Close { .. }));
        assert_eq!(closes, wanted.is_zero());
    }
}

#[test]
fn a_clear_refusal_ends_what_may_have_been_sent() {
    let refused = Some(ReasonCode::Refused);
    assert_table(
        &open_refused("not enough money"),
        [
            (Planned, Err(Ignored::NeverSent)),
            (Claimed, Ok((Failed, refused))),
            (Received, Ok((Failed, refused))),
            (Open, Err(Ignored::Weaker)),
            (Unconfirmed, Ok((Failed, refused))),
            (Failed, Err(Ignored::Weaker)),
            (Skipped, Err(Ignored::NeverSent)),
            (Closing, Err(Ignored::Weaker)),
            (Closed, Err(Ignored::Weaker)),
            (Attention, Err(Ignored::Weaker)),
        ],
    );
}

#[test]
fn an_unclear_refusal_never_ends_a_copy() {
    let unclear = Some(ReasonCode::UnclearAnswer);
    for reason in ["Error:0", "timeout", "no connection"] {
        let evidence = open_refused(reason);
        for &state in CopyState::ALL {
            let expected = match state {
                Claimed | Received => Ok((Unconfirmed, unclear)),
                Planned | Skipped => Err(Ignored::NeverSent),
                _ => Err(Ignored::Weaker),
            };
            assert_eq!(outcome(state, &evidence), expected, "{state} and {reason}");
        }
    }
}

#[test]
fn an_ordered_close_ends_what_is_open() {
    assert_table(
        &closed(),
        [
            (Planned, Err(Ignored::NeverSent)),
            (Claimed, Err(Ignored::Weaker)),
            (Received, Err(Ignored::Weaker)),
            (Open, Ok((Closed, None))),
            (Unconfirmed, Ok((Closed, None))),
            (Failed, Err(Ignored::Weaker)),
            (Skipped, Err(Ignored::NeverSent)),
            (Closing, Ok((Closed, None))),
            (Closed, Err(Ignored::Known)),
            (Attention, Ok((Closed, None))),
        ],
    );
}

#[test]
fn a_close_by_another_is_external_only_if_we_did_not_order_one() {
    let external = Some(ReasonCode::ClosedExternally);
    assert_table(
        &closed_by_other(),
        [
            (Planned, Err(Ignored::Weaker)),
            (Claimed, Err(Ignored::Weaker)),
            (Received, Err(Ignored::Weaker)),
            (Open, Ok((Closed, external))),
            (Unconfirmed, Err(Ignored::Weaker)),
            (Failed, Err(Ignored::Weaker)),
            (Skipped, Err(Ignored::Weaker)),
            (Closing, Ok((Closed, None))),
            (Closed, Err(Ignored::Known)),
            (Attention, Ok((Closed, None))),
        ],
    );
}

#[test]
fn a_refused_close_is_a_note_and_the_copy_stays_closing() {
    for &state in CopyState::ALL {
        let expected = match state {
            Closing => Ok((Closing, Some(ReasonCode::CloseRefused))),
            _ => Err(Ignored::Weaker),
        };
        assert_eq!(outcome(state, &close_refused()), expected, "{state}");
    }
}

#[test]
fn the_same_position_again_changes_nothing() {
    for state in [Open, Closing, Closed] {
        assert_eq!(outcome(state, &opened(5001)), Err(Ignored::Known), "{state}");
    }
}

#[test]
fn a_position_nobody_wants_any_more_is_closed_as_soon_as_its_ticket_is_known() {
    for state in [Claimed, Unconfirmed, Failed, Skipped, Closed] {
        let mut unwanted = copy(state);
        unwanted.desired_lots = Decimal::ZERO;

        let Outcome::Moves(edge) = settle(&unwanted, &opened(6001)) else { panic!("{state}: ignored") };

        let after = edge.applied(&unwanted);
        let close = Command::Close { ticket: ticket(6001) };
        assert_eq!(command(&after, start()), Some(close), "{state}");
    }
}
