//! Exchanges: which host, and what may be traded there.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

pub use crate::exchange_key::ExchangeEnvironment as VenueEnvironment;

/// One contract of an exchange, as it was last read.
///
/// Quantities are in the base currency, not in lots; their step is ten to the power of minus `quantity_precision`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VenueContract {
    /// Which host lists it.
    pub environment: VenueEnvironment,
    /// Its name there.
    pub symbol: String,
    /// What a quantity counts.
    pub base: String,
    /// What prices are in.
    pub quote: String,
    /// Decimals of a quantity.
    pub quantity_precision: u32,
    /// Decimals of a price.
    pub price_precision: u32,
    /// Smallest quantity.
    pub min_quantity: Decimal,
    /// Smallest value of an order, in the quote currency.
    pub min_notional: Decimal,
    /// Highest leverage of a long position.
    pub max_long_leverage: Option<Decimal>,
    /// Highest leverage of a short position.
    pub max_short_leverage: Option<Decimal>,
    /// What a taker pays, as a fraction.
    pub taker_fee_rate: Option<Decimal>,
    /// Whether orders may open positions.
    pub is_open: bool,
    /// Whether orders may close positions.
    pub may_close: bool,
    /// The last price and when the exchange said so, where one is known.
    pub last_price: Option<VenuePrice>,
}

/// What something cost, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VenuePrice {
    /// Price, in the quote currency.
    pub price: Decimal,
    /// When, by the database's clock.
    pub at: DateTime<Utc>,
}
