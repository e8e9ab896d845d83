//! Orders of copies at exchanges, as the journal keeps them.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use crate::id::{AccountId, CopyId, OwnerId};
use crate::text_enum::text_enum;
use crate::trade::Direction;

text_enum! {
    /// What an order does to its copy's position.
    Leg, "leg" {
        /// Opens it.
        Open = "open",
        /// Closes it, or a part.
        Close = "close",
        /// No order of ours: something else took of the position.
        External = "external",
    }
}

text_enum! {
    /// What is known of an order.
    VenueOrderState, "state of an order" {
        /// The intent is committed; it may have been sent.
        Intended = "intended",
        /// The exchange has it, and it is not over.
        Accepted = "accepted",
        /// It may have been accepted; no answer says.
        Unknown = "unknown",
        /// It is over and was filled, in part at least.
        Filled = "filled",
        /// Nothing came of it: it was refused, or certainly not sent.
        Refused = "refused",
        /// Nothing came of it: the exchange does not know it, and cannot any more.
        Dead = "dead",
    }
}

text_enum! {
    /// What ends a copy by itself.
    ExitKind, "kind of exit" {
        /// Closes once the price has gone against the copy.
        Stop = "stop",
        /// Closes once the price has gone with it.
        Target = "target",
    }
}

impl VenueOrderState {
    /// Whether nothing more can come of it.
    #[must_use]
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Filled | Self::Refused | Self::Dead)
    }
}

/// One row of the journal of orders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VenueOrder {
    /// Our name of it at the exchange.
    pub client_id: String,
    /// Owner of the account.
    pub owner_id: OwnerId,
    /// Account at the exchange.
    pub follower_id: AccountId,
    /// The copy.
    pub copy_id: CopyId,
    /// What it does.
    pub leg: Leg,
    /// Counts orders of this leg of the copy from 1.
    pub version: i32,
    /// Contract.
    pub symbol: String,
    /// Of which position.
    pub direction: Direction,
    /// Asked for, in coins.
    pub quantity: Decimal,
    /// Coins of one lot of the master.
    pub units: Decimal,
    /// Stop loss that comes with it.
    pub stop_loss: Option<Decimal>,
    /// Take profit that comes with it.
    pub take_profit: Option<Decimal>,
    /// What is known of it.
    pub state: VenueOrderState,
    /// The exchange's name, once known.
    pub order_id: Option<String>,
    /// Filled so far, in coins.
    pub filled: Decimal,
    /// Average price of what is filled.
    pub average_price: Option<Decimal>,
    /// What was paid for it, above zero; `None` while it is not known.
    pub fee: Option<Decimal>,
    /// Session under which it was sent last.
    pub epoch: i64,
    /// How often it was sent.
    pub sendings: i32,
    /// When it was sent last, or a little before.
    pub sent_at: DateTime<Utc>,
    /// How often the exchange did not know it, since it could not appear any more.
    pub absences: i32,
    /// What the exchange said when it refused, or why nobody knows.
    pub words: Option<String>,
}

/// Coins that a copy holds by its orders: what they opened less what they closed.
#[must_use]
pub fn held(orders: &[VenueOrder]) -> Decimal {
    orders.iter().fold(Decimal::ZERO, |held, order| match order.leg {
        Leg::Open => held + order.filled,
        Leg::Close | Leg::External => held - order.filled,
    })
}
