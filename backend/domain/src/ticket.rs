//! Tickets.

use std::fmt;
use std::str::FromStr;

/// Number of a position or order at a MetaTrader terminal: 1 to 2^63 − 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ticket(i64);

/// Why a text or number is not a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a ticket is a whole number from 1 to 9223372036854775807 without leading zeros")]
pub struct TicketError;

impl Ticket {
    /// # Errors
    ///
    /// [`TicketError`] for zero and less.
    pub const fn new(value: i64) -> Result<Self, TicketError> {
        if value > 0 { Ok(Self(value)) } else { Err(TicketError) }
    }

    /// The bare number.
    #[must_use]
    pub const fn value(self) -> i64 {
        self.0
    }
}

impl FromStr for Ticket {
    type Err = TicketError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.starts_with(['0', '+']) {
            return Err(TicketError);
        }
        Self::new(text.parse().map_err(|_| TicketError)?)
    }
}

impl fmt::Display for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl serde::Serialize for Ticket {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
