//! What a list of open tickets says.
//!
//! A v7 list is weak evidence: it may be empty while the terminal is not
//! synchronised, holds positions of other masters and of the owner himself, and
//! names no master's ticket. So absence needs two lists, and an unknown ticket
//! is never closed.
//!
//! * [`held`]: a copy with a ticket against a list.
//! * [`doubt`]: copies whose open may or may not have been executed.
//! * [`master`]: a master's trades against a list of its chart.

pub mod doubt;
pub mod master;

use std::collections::HashSet;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use flotilla_domain::copy::order::{CopyOrder, CopyState};
use flotilla_domain::copy::reason::ReasonCode;
use flotilla_domain::ticket::Ticket;
use rust_decimal::Decimal;

use crate::cause::Cause;
use crate::transition::Transition;

/// Time that two lists must lie apart before what both lack is gone.
pub const APART: Duration = Duration::from_secs(30);

/// Copies that a list may lack before it is doubtful, whatever their share.
const FEW: usize = 3;

/// A list of open tickets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    /// Each once.
    pub tickets: HashSet<Ticket>,
    /// When it was received, by the database's clock.
    pub at: DateTime<Utc>,
}

/// A copy as far as a list may speak of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The copy.
    pub order: CopyOrder,
    /// When a list first lacked it, if every list since did.
    pub missing_since: Option<DateTime<Utc>>,
    /// Whether a list ever had it.
    pub was_listed: bool,
}

/// What a list says about one copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// Nothing new.
    Known,
    /// It has it: an earlier absence is forgotten.
    Present,
    /// It lacks it for the first time; the time is kept.
    Missing,
    /// It lacks it, as the list did by which the copy was called never opened.
    Agreed,
    /// An edge.
    Moves(Transition),
}

/// Judges a copy with a ticket.
///
/// * `apart`: how long two lists must lie apart; [`APART`] outside of tests.
/// * A position that two such lists lack is gone, its result unknown. An
///   acknowledged close ends a copy by itself and needs no list.
/// * A position that we think closed and that is listed is open, with unknown
///   volume; [`crate::dispatch`] closes it at once when nothing is wanted.
#[must_use]
pub fn held(copy: &Held, list: &List, apart: TimeDelta) -> Finding {
    let Some(ticket) = copy.order.follower_ticket else { return Finding::Known };
    let is_listed = list.tickets.contains(&ticket);
    match (copy.order.state, is_listed) {
        (CopyState::Open | CopyState::Closing, true) if copy.was_listed && copy.missing_since.is_none() => {
            Finding::Known
        }
        (CopyState::Open | CopyState::Closing, true) => Finding::Present,
        (CopyState::Open | CopyState::Closing, false) => match copy.missing_since {
            None => Finding::Missing,
            Some(since) if since + apart <= list.at => Finding::Moves(absent(&copy.order)),
            Some(_) => Finding::Known,
        },
        (CopyState::Closed, true) => Finding::Moves(
            Transition::new(&copy.order, CopyState::Open, Cause::Listed).because(ReasonCode::LateEvidence),
        ),
        _ => Finding::Known,
    }
}

/// What was known of its result, from a close that turned out not to be one, stays.
fn absent(copy: &CopyOrder) -> Transition {
    let mut edge = Transition::new(copy, CopyState::Closed, Cause::NotListed).because(ReasonCode::Absent);
    edge.open_lots = Some(Decimal::ZERO);
    edge.close_price = copy.close_price;
    edge.pnl = copy.pnl;
    edge
}

/// Whether a list is too odd to be believed alone: it is empty, or lacks more
/// than three open copies and more than half of them.
#[must_use]
pub fn is_doubtful(copies: &[Held], list: &List) -> bool {
    let is_open = |copy: &&Held| matches!(copy.order.state, CopyState::Open | CopyState::Closing);
    let open: Vec<Ticket> =
        copies.iter().filter(is_open).filter_map(|copy| copy.order.follower_ticket).collect();
    let missing = open.iter().filter(|ticket| !list.tickets.contains(ticket)).count();
    list.tickets.is_empty() || (missing > FEW && missing * 2 > open.len())
}

/// Whether a copy that is closed as absent looks like a netting account: no
/// list ever had its ticket, while another open copy of its symbol is listed.
#[must_use]
pub fn is_netting_suspected(copy: &Held, others: &[Held], list: &List) -> bool {
    let is_listed_twin = |other: &&Held| {
        other.order.id != copy.order.id
            && other.order.symbol == copy.order.symbol
            && matches!(other.order.state, CopyState::Open | CopyState::Closing)
            && other.order.follower_ticket.is_some_and(|ticket| list.tickets.contains(&ticket))
    };
    !copy.was_listed && others.iter().any(|other| is_listed_twin(&other))
}
