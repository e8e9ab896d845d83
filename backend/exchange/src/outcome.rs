//! What became of a request. What is not known is a value, not an error.

use crate::bingx::error::VenueError;
use crate::bingx::id::IdError;

/// What became of a request that changes something at the venue.
///
/// There is no `Result` here and no `?`: an error invites a repetition, and a
/// repeated order is a second position.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "an order whose fate nobody looks at is lost"]
pub enum Outcome<T> {
    /// The venue took it. For an order that does not mean that it is filled.
    Accepted(T),
    /// The venue refused it; nothing was changed.
    Refused(VenueError),
    /// Nothing left this process, so nothing can have changed.
    NotSent(NotSent),
    /// It may have been carried out, or may still be. Ask for it by its client order id before anything else.
    Unknown(Doubt),
}

impl<T> Outcome<T> {
    /// Changes what was accepted.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Outcome<U> {
        match self {
            Self::Accepted(value) => Outcome::Accepted(change(value)),
            Self::Refused(error) => Outcome::Refused(error),
            Self::NotSent(why) => Outcome::NotSent(why),
            Self::Unknown(why) => Outcome::Unknown(why),
        }
    }

    /// What was accepted, if it was.
    pub fn accepted(self) -> Option<T> {
        match self {
            Self::Accepted(value) => Some(value),
            Self::Refused(_) | Self::NotSent(_) | Self::Unknown(_) => None,
        }
    }
}

/// Why nothing left this process.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotSent {
    /// Its turn in the limiter would have come too late.
    #[error("its turn would have come after its deadline")]
    NoTurn,
    /// Traffic from this address is stopped, because the venue banned it.
    #[error("traffic from this address is stopped")]
    Stopped,
    /// No connection could be made.
    #[error("no connection: {0}")]
    NoConnection(String),
    /// The server's time is not known, so nothing can be signed.
    #[error("the server's time is not known")]
    NoTime,
    /// This process does not act for accounts any more: another one may.
    #[error("another worker may act for the account by now")]
    NoLease,
    /// The order breaks a rule of its contract or of the account's mode.
    #[error(transparent)]
    Order(#[from] OrderFault),
}

/// Why an order is not even sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OrderFault {
    /// More decimals than the contract has. The venue would cut them off without a word.
    #[error("more decimals than the contract has")]
    Decimals,
    /// Below the smallest quantity.
    #[error("below the smallest quantity of the contract")]
    Quantity,
    /// Below the smallest value in quote currency.
    #[error("below the smallest order value of the contract")]
    Notional,
    /// The contract takes no such orders now.
    #[error("the contract takes no such orders now")]
    Closed,
    /// Zero or less, or a combination of fields that means nothing.
    #[error("not an order")]
    Senseless,
    /// A name that cannot be sent.
    #[error(transparent)]
    Id(#[from] IdError),
}

/// Why it is not known what became of a request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Doubt {
    /// The connection ended, or no answer came in time.
    #[error("no answer: {0}")]
    NoAnswer(String),
    /// The venue's gateway answered with 5xx: what is behind it may have acted.
    #[error("HTTP status {0}")]
    Status(u16),
    /// An answer that cannot be read.
    #[error("an answer that cannot be read")]
    Unreadable,
    /// An error that may come after the deed, or that nobody has seen before.
    #[error("{0}")]
    Venue(VenueError),
    /// The client order id was used before: an order of this name was accepted.
    #[error("an order of this name exists")]
    AlreadyThere,
}

/// Why a read gave nothing. Reads may be repeated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The venue refused.
    #[error("{0}")]
    Refused(VenueError),
    /// Nothing was asked.
    #[error(transparent)]
    NotSent(#[from] NotSent),
    /// No answer, or one that says nothing.
    #[error(transparent)]
    NoAnswer(#[from] Doubt),
}
