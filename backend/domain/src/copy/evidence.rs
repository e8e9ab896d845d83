//! What a follower said about a copy.

use rust_decimal::Decimal;

use crate::lots::Lots;
use crate::money::Money;
use crate::side::Side;
use crate::ticket::Ticket;

/// One piece of evidence about one copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Evidence {
    /// The terminal opened a position.
    Opened {
        /// Ticket at the follower's terminal.
        ticket: Ticket,
        /// Size really opened; `None`: too small for the decimals that the EA writes.
        lots: Option<Lots>,
        /// Side really opened (the EA may reverse).
        side: Side,
    },
    /// The terminal refused to open, in its words.
    OpenRefused {
        /// The EA's text, not interpreted.
        reason: String,
    },
    /// An ordered close was done.
    Closed {
        /// Closing price; zero is not a price.
        price: Option<Decimal>,
        /// Profit of the closing deal, account currency.
        profit: Money,
    },
    /// The terminal refused to close, in its words.
    CloseRefused {
        /// The EA's text, not interpreted.
        reason: String,
    },
    /// The position left by something other than our order.
    ClosedByOther {
        /// Closing price; zero is not a price.
        price: Option<Decimal>,
        /// Profit of the closing deal, account currency.
        profit: Money,
    },
}
