//! Amounts.

use rust_decimal::Decimal;

use crate::number::{NumberError, decimal_text};

/// Amount in the currency of its account; may be negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Money(Decimal);

impl Money {
    /// # Errors
    ///
    /// Never: every number is an amount. It is fallible like its sisters.
    pub const fn new(value: Decimal) -> Result<Self, NumberError> {
        Ok(Self(value))
    }

    /// The bare number.
    #[must_use]
    pub const fn value(self) -> Decimal {
        self.0
    }
}

impl From<Decimal> for Money {
    fn from(value: Decimal) -> Self {
        Self(value)
    }
}

decimal_text!(Money, NumberError);
