//! Desired against observed state.

use chrono::{DateTime, Utc};
use flotilla_domain::copy::order::{CopyOrder, CopyState};
use flotilla_domain::ticket::Ticket;
use rust_decimal::Decimal;

/// The next thing a follower should be told about a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// Open this many lots. May be sent once in the life of a copy.
    Open {
        /// Size.
        lots: Decimal,
    },
    /// Close this position. May be repeated: it names the follower's own ticket.
    Close {
        /// Ticket at the follower's terminal.
        ticket: Ticket,
    },
}

/// What brings `copy` from where it is to where it should be; `None`: nothing,
/// or nothing before there is evidence.
///
/// A copy that may have been sent is never opened again, and only a position
/// that this very account reported for this very copy is ever closed.
#[must_use]
pub fn command(copy: &CopyOrder, now: DateTime<Utc>) -> Option<Command> {
    let is_wanted = copy.desired_lots > Decimal::ZERO;
    match copy.state {
        CopyState::Planned if is_wanted && now < copy.expires_at => {
            Some(Command::Open { lots: copy.desired_lots })
        }
        CopyState::Open | CopyState::Closing if !is_wanted => {
            copy.follower_ticket.map(|ticket| Command::Close { ticket })
        }
        _ => None,
    }
}
