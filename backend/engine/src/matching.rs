//! Which copy an answer speaks of.
//!
//! A v7 follower answers with the master's ticket, which several of its copies
//! may share: further legs, or masters of two brokers with equal numbers.

use flotilla_domain::copy::evidence::Evidence;
use flotilla_domain::copy::order::{CopyOrder, CopyState};
use flotilla_domain::copy::reason::ReasonCode;
use flotilla_domain::ticket::Ticket;

/// What an answer names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Named {
    /// The ticket of the master's trade.
    MasterTicket(Ticket),
    /// The follower's own ticket.
    FollowerTicket(Ticket),
}

/// Picks the copy that `evidence` speaks of.
///
/// * `copies`: of one follower, oldest first.
/// * Returns its index; `None`: none of them, or a position that belongs to
///   another copy already.
///
/// Commands are executed and answered in the order they were sent, so among
/// equals the oldest is answered first. A close that was refused has had its
/// answer: the next one is of a close that waits for its own.
#[must_use]
pub fn pick(copies: &[&CopyOrder], named: Named, evidence: &Evidence) -> Option<usize> {
    match (named, evidence) {
        (Named::FollowerTicket(ticket), _) => position(copies, |copy| copy.follower_ticket == Some(ticket)),
        (Named::MasterTicket(master), Evidence::Opened { ticket, .. }) => opened(copies, master, *ticket),
        (Named::MasterTicket(master), Evidence::OpenRefused { .. }) => {
            best(copies, master, &[&[CopyState::Claimed, CopyState::Received], &[CopyState::Unconfirmed]])
        }
        (Named::MasterTicket(master), Evidence::Closed { .. } | Evidence::ClosedByOther { .. }) => {
            unanswered_close(copies, master).or_else(|| {
                best(
                    copies,
                    master,
                    &[
                        &[CopyState::Closing],
                        &[CopyState::Open],
                        &[CopyState::Unconfirmed, CopyState::Attention],
                    ],
                )
            })
        }
        (Named::MasterTicket(master), Evidence::CloseRefused { .. }) => {
            unanswered_close(copies, master).or_else(|| best(copies, master, &[&[CopyState::Closing]]))
        }
    }
}

/// The oldest copy of the master's ticket whose close was sent and not refused yet.
fn unanswered_close(copies: &[&CopyOrder], master: Ticket) -> Option<usize> {
    position(copies, |copy| {
        copy.master_ticket == master
            && copy.state == CopyState::Closing
            && copy.reason != Some(ReasonCode::CloseRefused)
    })
}

fn opened(copies: &[&CopyOrder], master: Ticket, ticket: Ticket) -> Option<usize> {
    if let Some(owner) = position(copies, |copy| copy.follower_ticket == Some(ticket)) {
        return copies.get(owner).is_some_and(|copy| copy.master_ticket == master).then_some(owner);
    }
    best(
        copies,
        master,
        &[
            &[CopyState::Claimed, CopyState::Received],
            &[CopyState::Unconfirmed, CopyState::Attention],
            &[CopyState::Open, CopyState::Closing],
            &[CopyState::Failed, CopyState::Skipped, CopyState::Closed],
        ],
    )
}

/// The oldest copy of the master's ticket in the first of `ranks` that has one;
/// without one the oldest of any state, so that the answer is judged at all.
fn best(copies: &[&CopyOrder], master: Ticket, ranks: &[&[CopyState]]) -> Option<usize> {
    let of_ticket = |copy: &CopyOrder| copy.master_ticket == master;
    ranks
        .iter()
        .find_map(|states| position(copies, |copy| of_ticket(copy) && states.contains(&copy.state)))
        .or_else(|| position(copies, of_ticket))
}

fn position(copies: &[&CopyOrder], is_it: impl Fn(&CopyOrder) -> bool) -> Option<usize> {
    copies.iter().position(|copy| is_it(copy))
}
