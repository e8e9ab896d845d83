//! How a follower copies one master.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::account::Platform;
use crate::copy::mapping::SymbolRules;
use crate::side::Side;
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
        /// The master's lots times the follower's balance over the master's, times a factor.
        BalanceRatio = "balance_ratio",
        /// The master's lots times the follower's equity over the master's, times a factor.
        EquityRatio = "equity_ratio",
        /// As many lots as lose a fraction of the follower's equity at the stop.
        RiskPercent = "risk_percent",
    }
}

impl SizingMode {
    /// Whether the size needs balance and equity of an account.
    #[must_use]
    pub const fn needs_figures(self) -> bool {
        matches!(self, Self::BalanceRatio | Self::EquityRatio | Self::RiskPercent)
    }

    /// Largest value that makes sense: a factor of 1,000, the whole equity, or
    /// more lots than any broker takes. A larger one is a slip of the hand.
    #[must_use]
    pub const fn largest_value(self) -> Decimal {
        match self {
            Self::Fixed => crate::lots::Lots::MAX,
            Self::RiskPercent => Decimal::ONE,
            Self::Same | Self::Multiplier | Self::BalanceRatio | Self::EquityRatio => Decimal::ONE_THOUSAND,
        }
    }
}

/// How large copies are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizing {
    /// How the size is computed.
    pub mode: SizingMode,
    /// Factor of `multiplier` and the ratios, lots of `fixed`, fraction of the
    /// equity of `risk_percent` (0.01 = 1 %); ignored by `same`. Above zero.
    pub value: Decimal,
}

text_enum! {
    /// Which of the master's trades are copied, by the master's own side.
    Sides, "sides" {
        /// All.
        Both = "both",
        /// Those the master buys.
        Buy = "buy",
        /// Those the master sells.
        Sell = "sell",
    }
}

impl Sides {
    /// Whether a trade of this side of the master is copied.
    #[must_use]
    pub const fn includes(self, side: Side) -> bool {
        matches!((self, side), (Self::Both, _) | (Self::Buy, Side::Buy) | (Self::Sell, Side::Sell))
    }
}

text_enum! {
    /// What becomes of a copy when its master leaves a part of the trade, and the copy's terminal cannot be told to
    /// close a part.
    OnPartial, "answer to a partial close" {
        /// All of it is closed, as v7 has always done.
        Close = "close",
        /// It goes on until the master leaves the trade.
        Ignore = "ignore",
    }
}

/// Default age limit of an open for a v7 follower, in seconds.
pub const DEFAULT_MAX_AGE_S: i32 = 5;
/// Default age limit of an open for a follower at an exchange, in seconds.
pub const DEFAULT_EXCHANGE_MAX_AGE_S: i32 = 60;

/// Age limit of opens for followers on `platform`, unless they choose another.
#[must_use]
pub const fn default_max_age_s(platform: Platform) -> i32 {
    if platform.has_ea() { DEFAULT_MAX_AGE_S } else { DEFAULT_EXCHANGE_MAX_AGE_S }
}

/// Copy settings of a subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopySettings {
    /// How the size is computed.
    pub sizing: SizingMode,
    /// Factor of `multiplier` and the ratios, lots of `fixed`, fraction of the
    /// equity of `risk_percent` (0.01 = 1 %); ignored by `same`. Above zero.
    pub value: Decimal,
    /// A smaller size is not copied.
    pub min_lots: Option<Decimal>,
    /// A larger size is capped.
    pub max_lots: Option<Decimal>,
    /// Sizes are rounded down to whole steps.
    pub lot_step: Option<Decimal>,
    /// Which of the master's trades are copied.
    pub sides: Sides,
    /// Buys what the master sells and the other way round, with stop loss and
    /// take profit exchanged.
    pub reverse: bool,
    /// Whether stop loss and take profit are sent along.
    pub copy_sl_tp: bool,
    /// What a partial close of the master does to followers whose terminal knows none. At an exchange and on paper the
    /// same share is closed, whatever is chosen here.
    pub on_partial: OnPartial,
    /// Which instruments are copied, and under which names.
    pub symbols: SymbolRules,
    /// With so many copies of this master not ended, no further one is opened.
    pub max_open_copies: Option<i32>,
    /// Seconds after which an open is not sent any more, 1 to 120.
    pub max_age_s: i32,
    /// Largest deviation from the master's price, as a fraction of it
    /// (0.001 = 0.1 %). Venues that take a limit with the order judge by it; a
    /// v7 EA does not, it has its own slippage input, so there it has no effect.
    pub max_deviation: Option<Decimal>,
    /// Units of one lot, by the master's name of an instrument in capitals. For
    /// followers at an exchange, which takes coins; an EA is told lots.
    pub units_per_lot: BTreeMap<String, Decimal>,
}

impl CopySettings {
    /// Units of one lot of what the master names `symbol`, as the owner entered
    /// them: under that name, or the name without the suffix that is stripped.
    #[must_use]
    pub fn entered_units(&self, symbol: &str) -> Option<Decimal> {
        let suffix = self.symbols.strip_suffix.as_ref().map_or("", |suffix| suffix.as_str());
        let base = symbol.strip_suffix(suffix).unwrap_or(symbol);
        [symbol, base].iter().find_map(|name| self.units_per_lot.get(&name.to_ascii_uppercase()).copied())
    }
}

impl Default for CopySettings {
    fn default() -> Self {
        Self {
            sizing: SizingMode::Same,
            value: Decimal::ONE,
            min_lots: None,
            max_lots: None,
            lot_step: None,
            sides: Sides::Both,
            reverse: false,
            copy_sl_tp: true,
            on_partial: OnPartial::Close,
            symbols: SymbolRules::default(),
            max_open_copies: None,
            max_age_s: DEFAULT_MAX_AGE_S,
            max_deviation: None,
            units_per_lot: BTreeMap::new(),
        }
    }
}
