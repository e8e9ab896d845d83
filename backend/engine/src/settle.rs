//! A copy and a piece of evidence → a transition.
//!
//! Evidence beats state: a position that is reported after its copy had ended
//! makes the copy `open` again, and [`crate::dispatch`] closes it at once when
//! nothing is wanted any more.

use flotilla_domain::copy::evidence::Evidence;
use flotilla_domain::copy::order::{CopyOrder, CopyState};
use flotilla_domain::copy::reason::ReasonCode;
use flotilla_domain::lots::Lots;
use flotilla_domain::money::Money;
use flotilla_domain::ticket::Ticket;
use rust_decimal::Decimal;

use crate::cause::Cause;
use crate::refusal::{self, Refusal};
use crate::transition::Transition;

/// What a piece of evidence changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// An edge, or a note when the state stays.
    Moves(Transition),
    /// Nothing; the evidence is kept all the same.
    Ignored(Ignored),
}

/// Why evidence changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ignored {
    /// It says what is known already.
    Known,
    /// The copy was certainly never sent, so it speaks of something else.
    NeverSent,
    /// It says less than is known, or contradicts better evidence.
    Weaker,
}

/// Judges one piece of evidence about `copy`.
///
/// Idempotent: the same evidence again changes nothing.
#[must_use]
pub fn settle(copy: &CopyOrder, evidence: &Evidence) -> Outcome {
    match evidence {
        Evidence::Opened { ticket, lots, .. } => opened(copy, *ticket, *lots),
        Evidence::OpenRefused { reason } => open_refused(copy, reason),
        Evidence::Closed { price, profit } => closed(copy, *price, *profit),
        Evidence::CloseRefused { reason } => close_refused(copy, reason),
        Evidence::ClosedByOther { price, profit } => closed_by_other(copy, *price, *profit),
    }
}

/// Without a size it is as large as was wanted, if anything still is.
fn opened(copy: &CopyOrder, ticket: Ticket, lots: Option<Lots>) -> Outcome {
    let to_open = || {
        let mut transition = Transition::new(copy, CopyState::Open, Cause::AckOpen);
        transition.ticket = Some(ticket);
        let wanted = (copy.desired_lots > Decimal::ZERO).then_some(copy.desired_lots);
        transition.open_lots = lots.map(Lots::value).or(wanted);
        transition
    };
    match copy.state {
        CopyState::Planned => Outcome::Ignored(Ignored::NeverSent),
        _ if copy.follower_ticket == Some(ticket) => Outcome::Ignored(Ignored::Known),
        CopyState::Claimed | CopyState::Received | CopyState::Unconfirmed | CopyState::Attention => {
            Outcome::Moves(to_open())
        }
        CopyState::Failed | CopyState::Skipped | CopyState::Closed => {
            Outcome::Moves(to_open().because(ReasonCode::LateEvidence))
        }
        CopyState::Open | CopyState::Closing => second_position(copy, ticket),
    }
}

/// A second position is never closed by itself: it is not proven to be ours.
/// The first stays the copy's; the owner sees the second's ticket.
fn second_position(copy: &CopyOrder, ticket: Ticket) -> Outcome {
    let words = ticket.to_string();
    if copy.reason == Some(ReasonCode::SecondPosition) {
        return Outcome::Ignored(Ignored::Known);
    }
    Outcome::Moves(
        Transition::new(copy, copy.state, Cause::AckOpen).because(ReasonCode::SecondPosition).in_words(words),
    )
}

fn open_refused(copy: &CopyOrder, reason: &str) -> Outcome {
    let refused = |to, code| {
        Outcome::Moves(Transition::new(copy, to, Cause::AckOpenFail).because(code).in_words(reason))
    };
    match (copy.state, refusal::classify(reason)) {
        (CopyState::Claimed | CopyState::Received | CopyState::Unconfirmed, Refusal::Definite) => {
            refused(CopyState::Failed, ReasonCode::Refused)
        }
        (CopyState::Claimed | CopyState::Received, Refusal::Unclear) => {
            refused(CopyState::Unconfirmed, ReasonCode::UnclearAnswer)
        }
        (CopyState::Planned | CopyState::Skipped, _) => Outcome::Ignored(Ignored::NeverSent),
        _ => Outcome::Ignored(Ignored::Weaker),
    }
}

fn closed(copy: &CopyOrder, price: Option<Decimal>, profit: Money) -> Outcome {
    match copy.state {
        CopyState::Open | CopyState::Closing | CopyState::Unconfirmed | CopyState::Attention => {
            Outcome::Moves(to_closed(copy, Cause::AckClose, price, profit))
        }
        CopyState::Closed => Outcome::Ignored(Ignored::Known),
        CopyState::Planned | CopyState::Skipped => Outcome::Ignored(Ignored::NeverSent),
        CopyState::Claimed | CopyState::Received | CopyState::Failed => Outcome::Ignored(Ignored::Weaker),
    }
}

/// The copy stays `closing`: the order is repeated, later each time.
fn close_refused(copy: &CopyOrder, reason: &str) -> Outcome {
    if copy.state != CopyState::Closing {
        return Outcome::Ignored(Ignored::Weaker);
    }
    let note = Transition::new(copy, CopyState::Closing, Cause::AckCloseFail);
    Outcome::Moves(note.because(ReasonCode::CloseRefused).in_words(reason))
}

/// A 7.0 follower says this after its own `ACK_CLOSE` too, so a copy that is
/// closed stays as it is, and one that we were closing was closed by us.
fn closed_by_other(copy: &CopyOrder, price: Option<Decimal>, profit: Money) -> Outcome {
    let edge = || to_closed(copy, Cause::ClosedByOther, price, profit);
    match copy.state {
        CopyState::Open => Outcome::Moves(edge().because(ReasonCode::ClosedExternally)),
        CopyState::Closing | CopyState::Attention => Outcome::Moves(edge()),
        CopyState::Closed => Outcome::Ignored(Ignored::Known),
        _ => Outcome::Ignored(Ignored::Weaker),
    }
}

fn to_closed(copy: &CopyOrder, cause: Cause, price: Option<Decimal>, profit: Money) -> Transition {
    let mut transition = Transition::new(copy, CopyState::Closed, cause);
    transition.open_lots = Some(Decimal::ZERO);
    transition.close_price = price;
    transition.pnl = Some(profit);
    transition
}
