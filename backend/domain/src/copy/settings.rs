//! How a follower copies one master.

use rust_decimal::Decimal;

use crate::text_enum::text_enum;

text_enum! {
    /// State of a subscription.
    SubscriptionState, "subscription state" {
        /// Waits for the master's approval.
        Pending = "pending",
        /// Copies.
        Active = "active",
        /// Opens nothing, closes what is open.
        CloseOnly = "close_only",
        /// Opens nothing, closes what is open, until resumed.
        Paused = "paused",
        /// Over. Copies opened before are still closed when the master closes.
        Ended = "ended",
    }
}

text_enum! {
    /// Who made a subscription.
    SubscriptionSource, "subscription source" {
        /// The EA, by `SUBSCRIBE`.
        Wire = "wire",
        /// The owner, in the browser or by the API.
        Web = "web",
    }
}

text_enum! {
    /// How the size of a copy follows from the master's size.
    SizingMode, "sizing mode" {
        /// The master's lots.
        Same = "same",
        /// The master's lots times a factor.
        Multiplier = "multiplier",
        /// Always the same lots.
        Fixed = "fixed",
    }
}

/// Default age limit of an open for a v7 follower, in seconds.
pub const DEFAULT_MAX_AGE_S: i32 = 5;

/// Copy settings of a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CopySettings {
    /// How the size is computed.
    pub sizing: SizingMode,
    /// Factor of `multiplier`, lots of `fixed`; ignored by `same`. Above zero.
    pub value: Decimal,
    /// A smaller size is not copied.
    pub min_lots: Option<Decimal>,
    /// A larger size is capped.
    pub max_lots: Option<Decimal>,
    /// Sizes are rounded down to whole steps.
    pub lot_step: Option<Decimal>,
    /// Whether stop loss and take profit are sent along.
    pub copy_sl_tp: bool,
    /// Seconds after which an open is not sent any more, 1 to 120.
    pub max_age_s: i32,
}

impl Default for CopySettings {
    fn default() -> Self {
        Self {
            sizing: SizingMode::Same,
            value: Decimal::ONE,
            min_lots: None,
            max_lots: None,
            lot_step: None,
            copy_sl_tp: true,
            max_age_s: DEFAULT_MAX_AGE_S,
        }
    }
}
