//! What a person decides about a copy.

use crate::text_enum::text_enum;
use crate::ticket::Ticket;

text_enum! {
    /// What is done with a copy in doubt; one that is open can be closed.
    ResolutionAction, "resolution" {
        /// A position of the account is the copy's: it is managed from now on.
        Link = "link",
        /// A position of the account is the copy's: it is closed.
        Close = "close",
        /// The copy is settled; the terminal stays as it is.
        Leave = "leave",
    }
}

/// A decision about one copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolution {
    /// Bind this position to the copy.
    Link(Ticket),
    /// Bind this position to the copy, or take the one it has, and close it.
    Close(Option<Ticket>),
    /// Settle the copy without touching the terminal.
    Leave,
}

impl Resolution {
    /// The decision to do `action`, with `ticket` where one was named.
    ///
    /// `None`: a link without a ticket.
    #[must_use]
    pub const fn new(action: ResolutionAction, ticket: Option<Ticket>) -> Option<Self> {
        match (action, ticket) {
            (ResolutionAction::Link, Some(ticket)) => Some(Self::Link(ticket)),
            (ResolutionAction::Link, None) => None,
            (ResolutionAction::Close, ticket) => Some(Self::Close(ticket)),
            (ResolutionAction::Leave, _) => Some(Self::Leave),
        }
    }
}

/// Why a decision cannot be carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ResolutionError {
    /// Evidence came first, or the copy never was; nor is it open, to be closed.
    #[error("this copy is not in doubt")]
    NotInDoubt,
    /// A ticket is needed and none was named, or the copy has another one.
    #[error("name a position of the account")]
    NoTicket,
    /// The account has not reported this ticket, or another copy owns it.
    #[error("this is not an unowned position of the account")]
    NotACandidate,
}

impl ResolutionError {
    /// Stable word for programs.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotInDoubt => "copy_not_in_doubt",
            Self::NoTicket => "no_ticket",
            Self::NotACandidate => "not_a_candidate",
        }
    }
}
