//! What a person may decide.

use flotilla_domain::copy::order::CopyState::{self, *};
use flotilla_domain::copy::resolution::{Resolution, ResolutionError};
use flotilla_engine::decision::decide;
use proptest::prelude::*;

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
fn only_a_ticket_of_the_account_is_linked() {
    let in_doubt = copy(Attention);
    let candidates = [ticket(70)];

    let linked = decide(&in_doubt, Resolution::Link(ticket(70)), &candidates).unwrap();
    let closed = decide(&in_doubt, Resolution::Close(Some(ticket(70))), &candidates).unwrap();
    let foreign = decide(&in_doubt, Resolution::Close(Some(ticket(71))), &candidates);
    let none = decide(&in_doubt, Resolution::Close(None), &candidates);

    assert_eq!((linked.edge.to, linked.edge.ticket, linked.is_unwanted), (Open, Some(ticket(70)), false));
    assert_eq!((closed.edge.to, closed.edge.ticket, closed.is_unwanted), (Open, Some(ticket(70)), true));
    assert_eq!((foreign, none), (Err(ResolutionError::NotACandidate), Err(ResolutionError::NoTicket)));
}

#[test]
fn a_copy_keeps_the_ticket_it_has() {
    let mut in_doubt = copy(Attention);
    in_doubt.follower_ticket = Some(ticket(70));

    let closed = decide(&in_doubt, Resolution::Close(None), &[]).unwrap();
    let other = decide(&in_doubt, Resolution::Link(ticket(71)), &[ticket(71)]);
    let left = decide(&in_doubt, Resolution::Leave, &[]).unwrap();

    assert_eq!((closed.edge.ticket, other), (Some(ticket(70)), Err(ResolutionError::NoTicket)));
    assert_eq!(left.edge.to, Closed);
    assert_eq!(decide(&copy(Unconfirmed), Resolution::Leave, &[]).unwrap().edge.to, Failed);
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
            prop_assert!(decided.edge.from.may_become(decided.edge.to));
            if let Some(linked) = decided.edge.ticket {
                prop_assert!(candidates.contains(&linked) || copy.follower_ticket == Some(linked));
            }
        }
    }
}
