//! What tells one platform's EA from another's on the wire.

use std::fmt::Write as _;

/// The terminal an EA runs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Terminal {
    /// Learns of deals as they happen. Snapshots list the newest first and end in a comma; refusals are English
    /// phrases. A broken link shows when a `PING` or a signal cannot be sent.
    #[default]
    Mt5,
    /// Learns of deals by comparing lists. Snapshots are clean; an open is refused with `Error:0` whatever the cause,
    /// because the code is read twice. A broken link shows at the next read.
    Mt4,
}

impl Terminal {
    /// The tickets of a snapshot line, from `tickets` in ascending order.
    #[must_use]
    pub fn ticket_list(self, tickets: &[i64]) -> String {
        match self {
            Self::Mt5 => tickets.iter().rev().fold(String::new(), |mut list, ticket| {
                let _ = write!(list, "{ticket},");
                list
            }),
            Self::Mt4 => tickets.iter().map(ToString::to_string).collect::<Vec<_>>().join(","),
        }
    }

    /// How a refused open is explained.
    #[must_use]
    pub fn open_refusal(self, phrase: &str) -> &str {
        match self {
            Self::Mt5 => phrase,
            Self::Mt4 => "Error:0",
        }
    }
}
