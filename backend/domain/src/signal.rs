//! Events of a master's trades.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use crate::id::{AccountId, OwnerId, SignalId};
use crate::lots::Lots;
use crate::money::Money;
use crate::price::Price;
use crate::side::Side;
use crate::symbol::Symbol;
use crate::text_enum::text_enum;
use crate::ticket::Ticket;

text_enum! {
    /// What a signal says.
    SignalKind, "signal kind" {
        /// The first entry of a trade.
        Open = "open",
        /// A further entry under the same ticket (partial fill, netting).
        Add = "add",
        /// Stop or target of the trade is another now, or gone.
        Modify = "modify",
        /// A part of the trade left.
        Partial = "partial",
        /// The trade left. A v7 EA does not say whether all of it did.
        Close = "close",
    }
}

/// A master's entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenSignal {
    /// Side of the position.
    pub side: Side,
    /// Instrument, as the master names it after its own mapping.
    pub symbol: Symbol,
    /// Entry price.
    pub price: Price,
    /// Size.
    pub lots: Lots,
    /// Stop loss, when set.
    pub stop_loss: Option<Price>,
    /// Take profit, when set.
    pub take_profit: Option<Price>,
    /// Ticket at the master's terminal.
    pub ticket: Ticket,
}

/// A master's exit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloseSignal {
    /// Instrument.
    pub symbol: Symbol,
    /// Ticket at the master's terminal.
    pub ticket: Ticket,
    /// Exit price; zero on the wire means unknown.
    pub price: Option<Price>,
    /// Profit of the closing deal, account currency.
    pub profit: Money,
}

/// A part of a master's trade that left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartialSignal {
    /// Instrument.
    pub symbol: Symbol,
    /// Ticket of the trade.
    pub ticket: Ticket,
    /// Side of the position.
    pub side: Side,
    /// So much left.
    pub lots: Lots,
    /// So much is left.
    pub rest: Lots,
    /// Exit price.
    pub price: Option<Price>,
}

/// Stop and target of a master's trade as they are now, both whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModifySignal {
    /// Instrument.
    pub symbol: Symbol,
    /// Ticket of the trade.
    pub ticket: Ticket,
    /// Side of the position.
    pub side: Side,
    /// Stop loss; `None`: there is none.
    pub stop_loss: Option<Price>,
    /// Take profit; `None`: there is none.
    pub take_profit: Option<Price>,
}

/// A stored signal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signal {
    /// Identifier.
    pub id: SignalId,
    /// Owner of the master account.
    pub owner_id: OwnerId,
    /// The master account.
    pub account_id: AccountId,
    /// What it says.
    pub kind: SignalKind,
    /// Ticket at the master's terminal.
    pub ticket: Ticket,
    /// Instrument.
    pub symbol: Symbol,
    /// Side of the position; unknown for a close of an unknown trade.
    pub side: Option<Side>,
    /// Size, of an entry or of a part that left.
    pub lots: Option<Decimal>,
    /// What the master holds after a part left.
    pub rest_lots: Option<Decimal>,
    /// Entry or exit price.
    pub price: Option<Decimal>,
    /// Stop loss, when set.
    pub stop_loss: Option<Decimal>,
    /// Take profit, when set.
    pub take_profit: Option<Decimal>,
    /// Profit, of an exit.
    pub profit: Option<Decimal>,
    /// When it was received, by the database's clock.
    pub received_at: DateTime<Utc>,
}
