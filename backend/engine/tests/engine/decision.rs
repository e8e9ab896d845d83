//! What a person may decide.

use flotilla_domain::copy::order::CopyState::{self, *};
use flotilla_domain::copy::resolution::{Resolution, ResolutionError};
use flotilla_domain::ticket::Ticket;
use flotilla_engine::decision::{Decided, decide};
use proptest::prelude::*;
use rust_decimal::Decimal;

use crate::support::{copy, ticket};

#[test]
fn a_decision_is_taken_about_a_copy_in_doubt_only() {
    for &state in CopyState::ALL {
        let is_in_doubt = matches!(state, Unconfirmed | Attention);
        let decided = decide(&copy(state), Resolution::Link(ticket(70)), &[ticket(70)]);
        assert_eq!(decided.is_ok(), is_in_doubt, "{state}");
        let left = decide(&copy(state), Resolution::Leave, &[]);
        assert_eq!(left.is_ok(), is_in_doubt, "{state}");
    }
}

#[test]
fn an_open_copy_can_be_closed_and_nothing_else() {
    let mut open = copy(Open);
    open.follower_ticket = Some(ticket(70));
    open.desired_lots = Decimal::ONE;

    for named in [None, Some(ticket(70))] {
        let closed = decide(&open, Resolution::Close(named), &[]).unwrap();
        assert_eq!((closed.edge, closed.is_unwanted), (None, true));
    }
    let other = decide(&open, Resolution::Close(Some(ticket(71))), &[ticket(71)]);
    assert_eq!(other, Err(ResolutionError::NoTicket));

    open.desired_lots = Decimal::ZERO;
    let again = decide(&open, Resolution::Close(None), &[]);
    assert_eq!(again, Err(ResolutionError::NotInDoubt));
}

/// State and ticket a decision about a copy in doubt leads to.
fn to(decided: &Decided) -> (CopyState, Option<Ticket>) {
    let edge = decided.edge.as_ref().expect("a copy in doubt moves");
    (edge.to, edge.ticket)
}

#[test]
fn only_a_ticket_of_the_account_is_linked() {
    let in_doubt = copy(Attention);
    let candidates = [ticket(70)];

    let linked = decide(&in_doubt, Resolution::Link(ticket(70)), &candidates).unwrap();
    let closed = decide(&in_doubt, Resolution::Close(Some(ticket(70))), &candidates).unwrap();
    let foreign = decide(&in_doubt, Resolution::Close(Some(ticket(71))), &candidates);
    let none = decide(&in_doubt, Resolution::Close(None), &candidates);

    assert_eq!((to(&linked), linked.is_unwanted), ((Open, Some(ticket(70))), false));
    assert_eq!((to(&closed), closed.is_unwanted), ((Open, Some(ticket(70))), true));
    assert_eq!((foreign, none), (Err(ResolutionError::NotACandidate), Err(ResolutionError::NoTicket)));
}

#[test]
fn a_closed_copy_whose_own_position_is_back_is_taken_up_again_or_closed_and_nothing_else() {
    let mut closed = copy(Closed);
    closed.follower_ticket = Some(ticket(70));
    let back = [ticket(70), ticket(71)];

    let linked = decide(&closed, Resolution::Link(ticket(70)), &back).unwrap();
    let close = decide(&closed, Resolution::Close(Some(ticket(70))), &back).unwrap();

    assert_eq!((to(&linked), linked.is_unwanted), ((Open, Some(ticket(70))), false));
    assert_eq!((to(&close), close.is_unwanted), ((Open, Some(ticket(70))), true));
    let none: &[Ticket] = &[];
    for (resolution, candidates) in [
        (Resolution::Link(ticket(70)), none),
        (Resolution::Link(ticket(71)), &back[..]),
        (Resolution::Close(None), &back[..]),
        (Resolution::Leave, &back[..]),
    ] {
        assert_eq!(decide(&closed, resolution, candidates), Err(ResolutionError::NotInDoubt));
    }
}

#[test]
fn a_copy_keeps_the_ticket_it_has() {
    let mut in_doubt = copy(Attention);
    in_doubt.follower_ticket = Some(ticket(70));

    let closed = decide(&in_doubt, Resolution::Close(None), &[]).unwrap();
    let other = decide(&in_doubt, Resolution::Link(ticket(71)), &[ticket(71)]);
    let left = decide(&in_doubt, Resolution::Leave, &[]).unwrap();

    assert_eq!((to(&closed).1, other), (Some(ticket(70)), Err(ResolutionError::NoTicket)));
    assert_eq!(to(&left).0, Closed);
    assert_eq!(to(&decide(&copy(Unconfirmed), Resolution::Leave, &[]).unwrap()).0, Failed);
}

proptest! {
    #[test]
    fn nothing_is_linked_that_was_not_reported(
        state in prop::sample::select(CopyState::ALL),
        own in prop::option::of(1i64..4),
        named in prop::option::of(1i64..4),
        candidates in prop::collection::vec(1i64..4, 0..3),
        is_close in any::<bool>(),
    ) {
        let mut copy = copy(state);
        copy.follower_ticket = own.map(ticket);
        let candidates: Vec<_> = candidates.into_iter().map(ticket).collect();
        let resolution = match (is_close, named) {
            (false, Some(named)) => Resolution::Link(ticket(named)),
            (true, named) => Resolution::Close(named.map(ticket)),
            (false, None) => Resolution::Leave,
        };
        if let Ok(decided) = decide(&copy, resolution, &candidates) {
            prop_assert!(decided.edge.is_some() || copy.state == Open && decided.is_unwanted);
            let Some(edge) = decided.edge else { return Ok(()) };
            prop_assert!(edge.from.may_become(edge.to));
            if let Some(linked) = edge.ticket {
                prop_assert!(candidates.contains(&linked) || copy.follower_ticket == Some(linked));
            }
        }
    }
}
