//! Rows of the journal.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use crate::id::{AccountId, CopyId, OwnerId, TradeId};
use crate::side::Side;
use crate::text_enum::text_enum;

pub mod csv;
pub mod draft;
pub mod excursion;
pub mod fills;
pub mod multiplier;
pub mod picture;
pub mod profit;
mod told;

text_enum! {
    /// Where a trade came from.
    TradeSource, "trade source" {
        /// Typed in.
        Manual = "manual",
        /// Reported by an account's own EA.
        Ea = "ea",
        /// A copy of a master's trade.
        Copy = "copy",
        /// An exchange.
        Exchange = "exchange",
        /// A bot.
        Bot = "bot",
        /// A file.
        Import = "import",
    }
}

text_enum! {
    /// Which way a trade profits.
    Direction, "direction" {
        /// From rising prices.
        Long = "LONG",
        /// From falling prices.
        Short = "SHORT",
    }
}

text_enum! {
    /// Whether a trade is over.
    TradeStatus, "trade status" {
        /// Not yet.
        Open = "open",
        /// Yes.
        Closed = "closed",
    }
}

text_enum! {
    /// What is traded.
    AssetType, "asset type" {
        /// Shares.
        Stock = "stock",
        /// Options.
        Option = "option",
        /// Futures.
        Future = "future",
        /// Coins and their derivatives.
        Crypto = "crypto",
        /// Currencies and metals.
        Forex = "forex",
        /// Contracts for difference.
        Cfd = "cfd",
    }
}

text_enum! {
    /// What an option gives the right to.
    OptionType, "option type" {
        /// To buy.
        Call = "CALL",
        /// To sell.
        Put = "PUT",
    }
}

text_enum! {
    /// Whose figure the profit is.
    PnlSource, "profit source" {
        /// The broker's or terminal's own.
        Broker = "broker",
        /// Computed from prices.
        Computed = "computed",
    }
}

impl TradeSource {
    /// Whether a person may alter or delete the row; others may be annotated.
    #[must_use]
    pub const fn is_by_hand(self) -> bool {
        matches!(self, Self::Manual | Self::Import)
    }
}

impl Direction {
    /// The side that enters.
    #[must_use]
    pub const fn entry_side(self) -> Side {
        match self {
            Self::Long => Side::Buy,
            Self::Short => Side::Sell,
        }
    }

    /// What one unit brings between two prices.
    #[must_use]
    pub fn gain(self, from: Decimal, to: Decimal) -> Option<Decimal> {
        match self {
            Self::Long => to.checked_sub(from),
            Self::Short => from.checked_sub(to),
        }
    }
}

/// A position from entry to exit, on one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trade {
    /// Identifier.
    pub id: TradeId,
    /// Tenant.
    pub owner_id: OwnerId,
    /// The account.
    pub account_id: AccountId,
    /// Where it came from.
    pub source: TradeSource,
    /// Instrument.
    pub symbol: String,
    /// Which way it profits.
    pub direction: Direction,
    /// What is traded.
    pub asset_type: AssetType,
    /// Of options only.
    pub option_type: Option<OptionType>,
    /// Size; lots for MetaTrader accounts.
    pub quantity: Decimal,
    /// Units per one of `quantity`; unknown until the terminal names its contract size.
    pub multiplier: Option<Decimal>,
    /// Average entry price. A v7 follower does not report one.
    pub entry_price: Option<Decimal>,
    /// Average exit price.
    pub exit_price: Option<Decimal>,
    /// First entry.
    pub entry_at: DateTime<Utc>,
    /// Last exit.
    pub exit_at: Option<DateTime<Utc>>,
    /// Stop loss at entry.
    pub stop_loss: Option<Decimal>,
    /// Take profit at entry.
    pub take_profit: Option<Decimal>,
    /// Fees, account currency.
    pub fees: Decimal,
    /// Overnight interest, account currency.
    pub swap: Decimal,
    /// Result, account currency.
    pub pnl: Option<Decimal>,
    /// Whose figure `pnl` is.
    pub pnl_source: Option<PnlSource>,
    /// Worst result while it was open, account currency; zero or less.
    pub mae: Option<Decimal>,
    /// Best result while it was open, account currency; zero or more.
    pub mfe: Option<Decimal>,
    /// Whether it is over.
    pub status: TradeStatus,
    /// Number at the terminal or venue.
    pub external_id: Option<String>,
    /// The copy that made it.
    pub copy_id: Option<CopyId>,
    /// Labels.
    pub tags: Vec<String>,
    /// The owner's words.
    pub notes: Option<String>,
    /// Entries and exits, oldest first.
    pub executions: Vec<Execution>,
}

/// One fill of a trade.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Execution {
    /// `BUY` or `SELL`.
    pub side: Side,
    /// Size of this fill.
    pub quantity: Decimal,
    /// Price, when the terminal reports one.
    pub price: Option<Decimal>,
    /// When.
    pub at: DateTime<Utc>,
    /// Fees of this fill, account currency.
    pub fees: Decimal,
}
