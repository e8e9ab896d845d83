//! Prices.

use rust_decimal::Decimal;

use crate::number::{NumberError, decimal_text};

/// Price of one unit of an instrument, above zero, with the decimals it came with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Price(Decimal);

/// Why a number is not a price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PriceError {
    /// Not a number at all.
    #[error(transparent)]
    Number(#[from] NumberError),
    /// Nothing or less.
    #[error("a price must be greater than zero, was {0}")]
    NotPositive(Decimal),
}

impl Price {
    /// # Errors
    ///
    /// [`PriceError::NotPositive`] for zero and less.
    pub fn new(value: Decimal) -> Result<Self, PriceError> {
        if value > Decimal::ZERO { Ok(Self(value)) } else { Err(PriceError::NotPositive(value)) }
    }

    /// The bare number.
    #[must_use]
    pub const fn value(self) -> Decimal {
        self.0
    }
}

decimal_text!(Price, PriceError);
